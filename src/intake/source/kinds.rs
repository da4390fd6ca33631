//! The kinds of files that hospitals export, mixed at random: whatever the encoding, shape and spelling, the same
//! visits come out.

use jiff::civil::{Date, Time, date, time};
use proptest::prelude::*;

use super::super::error::Error;
use super::super::settings::Settings;
use super::{Row, Source};

/// A visit as the hospital means it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meant {
    id: String,
    patient: &'static str,
    date: Date,
    time: Option<Time>,
}

const SIMPLIFIED: [&str; 4] = ["张三", "欧阳小小", "王,五", "李\"快\"四"];
const TRADITIONAL: [&str; 4] = ["陳大文", "歐陽小小", "王,五", "李\"快\"四"];

/// How a file is written.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way to write a file")]
struct Style {
    encoding: usize,
    delimiter: char,
    line_end: usize,
    header: usize,
    day: usize,
    clock: usize,
    titles: usize,
    footer: bool,
    again: bool,
    blank: bool,
    trailing: usize,
    quoted: bool,
}

fn styles() -> impl Strategy<Value = Style> {
    let delimiter = prop_oneof![Just(','), Just('\t'), Just(';'), Just('|'), Just('，')];
    let shape = (0usize..4, any::<[bool; 4]>(), 0usize..3);
    (0usize..9, delimiter, 0usize..4, 0usize..3, (0usize..8, 0usize..5), shape).prop_map(
        |(encoding, delimiter, line_end, header, (day, clock), (titles, flags, trailing))| {
            let [footer, again, blank, quoted] = flags;
            Style {
                encoding,
                delimiter,
                line_end,
                header,
                day,
                clock,
                titles,
                footer,
                again,
                blank,
                trailing,
                quoted,
            }
        },
    )
}

fn visits() -> impl Strategy<Value = Vec<(usize, i8, i8)>> {
    proptest::collection::vec((0usize..4, 1i8..=28, 0i8..20), 1..12)
}

impl Style {
    fn is_traditional(&self) -> bool {
        self.encoding >= 7
    }

    fn header(&self) -> [&'static str; 5] {
        match (self.is_traditional(), self.header) {
            (false, 0) => ["预约号", "患者姓名", "门诊号", "就诊日期", "就诊时段"],
            (false, 1) => [" 预约编号：", "姓 名", "病历号（必填）", "看诊日期", "时间段"],
            (true, 0) => ["預約號", "病患姓名", "病歷號", "看診日期", "時段"],
            (true, 1) => [" 預約編號：", "姓 名", "病歷號（必填）", "就診日期", "看診時段"],
            _ => ["Appointment-No", "PATIENT_NAME", "Chart No.", "Appt Date", "Time Slot"],
        }
    }

    fn day(&self, day: Date) -> String {
        let (y, m, d) = (day.year(), day.month(), day.day());
        match self.day {
            0 => format!("{y}-{m:02}-{d:02}"),
            1 => format!("{y}/{m}/{d}"),
            2 => format!("{y}年{m}月{d}日"),
            3 => format!("{y}{m:02}{d:02}"),
            4 => format!("{}/{m:02}/{d:02}", y - 1911),
            5 => format!("{}{m:02}{d:02}", y - 1911),
            6 => format!("{y}.{m}.{d} 00:00:00"),
            _ => format!("=\"{y}-{m:02}-{d:02}\""),
        }
    }

    fn clock(&self, time: Option<Time>) -> String {
        let Some(time) = time else { return "上午".to_owned() };
        let (h, m) = (time.hour(), time.minute());
        match self.clock {
            0 => format!("{h:02}:{m:02}"),
            1 => format!("{h}:{m:02}-{}:{m:02}", h + 1),
            2 => format!("{h:02}{m:02}00"),
            3 => format!(
                "{}{}:{m:02}",
                if h < 12 { "上午" } else { "下午" },
                if h > 12 { h - 12 } else { h }
            ),
            _ => format!("{h:02}：{m:02}"),
        }
    }

    fn row(&self, cells: &[String]) -> String {
        let quote = |cell: &String| {
            let needed = cell.contains([self.delimiter, '"', '\n']);
            // `="…"` is how an exporter protects a value, and never quoted again.
            if needed && !cell.starts_with("=\"") || self.quoted && !cell.starts_with('=') {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let mut cells: Vec<String> = cells.iter().map(quote).collect();
        cells.extend((0..self.trailing).map(|_| String::new()));
        cells.join(&self.delimiter.to_string())
    }

    fn text(&self, meant: &[Meant]) -> String {
        let header = self.row(&self.header().map(str::to_owned));
        let mut lines: Vec<String> = ["协和医院门诊预约明细表", "2026-11-23", ""]
            [..self.titles.min(3)]
            .iter()
            .map(|title| {
                if self.is_traditional() {
                    title.replace("协和医院门诊预约", "臺大醫院")
                } else {
                    (*title).to_owned()
                }
            })
            .collect();
        lines.push(header.clone());
        for (nth, visit) in meant.iter().enumerate() {
            if nth == 3 && self.again {
                lines.push(header.clone());
            }
            if nth == 5 && self.blank {
                lines.push(String::new());
            }
            let number = format!("0{:06}", nth + 1);
            let cells = [
                visit.id.clone(),
                visit.patient.to_owned(),
                number,
                self.day(visit.date),
                self.clock(visit.time),
            ];
            lines.push(self.row(&cells));
        }
        if self.footer {
            let total = if self.is_traditional() { "合計" } else { "合计" };
            lines.push(self.row(&[
                total.to_owned(),
                meant.len().to_string(),
                String::new(),
                String::new(),
                String::new(),
            ]));
        }
        let ends = [["\n"; 3], ["\r\n"; 3], ["\r"; 3], ["\n", "\r\n", "\r"]][self.line_end];
        let ended = lines.iter().enumerate().map(|(nth, line)| format!("{line}{}", ends[nth % 3]));
        ended.collect()
    }

    fn bytes(&self, text: &str) -> Vec<u8> {
        let utf16 =
            |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        match self.encoding {
            0 | 7 => text.as_bytes().to_vec(),
            1 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            2 => [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
            3 => [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
            4 => utf16(u16::to_le_bytes),
            5 => utf16(u16::to_be_bytes),
            6 => encoding_rs::GB18030.encode(text).0.into_owned(),
            _ => encoding_rs::BIG5.encode(text).0.into_owned(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_the_shape_the_same_visits_come_out(style in styles(), visits in visits()) {
        let names = if style.is_traditional() { TRADITIONAL } else { SIMPLIFIED };
        let meant: Vec<Meant> = visits
            .iter()
            .enumerate()
            .map(|(nth, (name, day, hour))| Meant {
                id: format!("YY{nth:04}"),
                patient: names[*name],
                date: date(2026, 12, *day),
                // 8 to 17 o'clock with a clock time, else the morning.
                time: (*hour < 10).then(|| time(8 + hour, 30, 0, 0)),
            })
            .collect();
        let text = style.text(&meant);
        let mut source = match Source::from_reader(&style.bytes(&text)[..], "x", &Settings::default()) {
            // Three or four characters under an English header prove nothing: better asked than guessed.
            Err(Error::AmbiguousEncoding { .. }) if style.header == 2 => return Ok(()),
            opened => opened.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?,
        };
        let mut found = Vec::new();
        let mut refused = Vec::new();
        source
            .rows(|row| match row {
                Row::Visit(visit) => found.push((
                    visit.appointment_id.into_string(),
                    visit.patient.unwrap_or_default().into_string(),
                    visit.start.date,
                    visit.start.time,
                )),
                Row::Refused(row) => refused.push((row.refusal.line, row.refusal.reason, row.refusal.detail)),
            })
            .map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert!(refused.is_empty(), "{refused:?}\n{text}");
        let expected: Vec<_> = meant
            .into_iter()
            .map(|visit| (visit.id, visit.patient.to_owned(), visit.date, visit.time))
            .collect();
        prop_assert_eq!(found, expected, "{}", text);
    }
}
