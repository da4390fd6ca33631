//! The grammar against every form of it that was seen, and against anything else.

use jiff::civil::{date, time};
use jiff::tz::{TimeZone, offset};
use proptest::prelude::*;

use super::*;

fn with<T>(order: Option<DayOrder>, test: impl FnOnce(&Rules<'_>) -> T) -> T {
    let zone = TimeZone::fixed(offset(8));
    test(&Rules { zone: &zone, order, instants_are_local: false, excel_1904: false, births: false })
}

fn read(cell: &str) -> Result<Start, Trouble> {
    with(None, |rules| When::read(cell, rules).map(When::into_start))
}

fn both(day: &str, time: &str) -> Result<Start, Trouble> {
    with(None, |rules| When::read(day, rules)?.with_time(time, rules))
}

#[test]
fn every_way_of_writing_a_day_is_that_day() {
    for cell in [
        "2026-11-30",
        "2026/11/30",
        "2026.11.30",
        "2026年11月30日",
        "2026 年 11 月 30 日",
        "2026年11月30号",
        "20261130",
        "２０２６－１１－３０",
        "2026-11-30 星期一",
        "2026/11/30(一)",
        "2026/11/30（週一）",
        "2026-11-30 Mon",
        "115/11/30",
        "115-11-30",
        "115.11.30",
        "115年11月30日",
        "民國115年11月30日",
        "1151130",
        "46356",
        "30 Nov 2026",
        "30-Nov-26",
        "30-Nov-2026",
        "November 30, 2026",
        "2026-11-30 00:00:00",
        "2026-11-30T00:00:00",
        "2026-11-29T16:00:00Z",
    ] {
        assert_eq!(read(cell), Ok(Start::on(date(2026, 11, 30), None)), "{cell}");
    }
    assert_eq!(read("2026-1-5"), Ok(Start::on(date(2026, 1, 5), None)));
}

#[test]
fn every_way_of_writing_a_time_is_that_time() {
    for cell in [
        "2026-11-30 08:30",
        "2026/11/30 8:30",
        "2026-11-30 08:30:59",
        "2026-11-30T08:30:00+08:00",
        "2026-11-30T00:30:00Z",
        "2026-11-30T08:30:00+08:00[Asia/Shanghai]",
        "2026-11-30T08:30+08:00[Asia/Shanghai][u-ca=gregory]",
        "2026-11-30T00:30Z[UTC]",
        "2026-11-30T00:30:00.000Z",
        "2026-11-29T19:30:00-05:00",
        "2026-11-30 00:30:00+00",
        "2026-11-30T08:30:00+0800",
        "202611300830",
        "20261130083000",
        "20261130 0830",
        "115年11月30日 08時30分",
        "2026年11月30日 上午8:30",
        "2026/11/30 8:30 AM",
        "46356.354166667",
        "2026年11月30日(一) 8点半",
    ] {
        assert_eq!(read(cell), Ok(Start::at(date(2026, 11, 30), time(8, 30, 0, 0))), "{cell}");
    }
    for cell in [
        "08:30",
        "8:30",
        "830",
        "0830",
        "083000",
        "83000",
        "8：30",
        "8時30分",
        "8点半",
        "8.30am",
        "8:30 AM",
        "0.354166667",
        "上午8:30",
        "8h30",
        "8:30 a.m.",
        "2026-11-30 08:30",
        "08:30:00",
    ] {
        let start = both("2026-11-30", cell);
        assert_eq!(start, Ok(Start::at(date(2026, 11, 30), time(8, 30, 0, 0))), "{cell}");
    }
    for cell in ["2:30 PM", "下午2:30", "下午 14:30", "14:30", "1430", "２：３０ＰＭ", "14点30分"]
    {
        let start = both("2026-11-30", cell);
        assert_eq!(start, Ok(Start::at(date(2026, 11, 30), time(14, 30, 0, 0))), "{cell}");
    }
}

#[test]
fn a_slot_keeps_its_words_and_begins_with_its_first_time() {
    for (cell, hour, words) in [
        ("08:30-09:00", 8, "08:30-09:00"),
        ("08:30~09:00", 8, "08:30~09:00"),
        ("8:30至9:00", 8, "8:30至9:00"),
        ("08:30–09:00", 8, "08:30-09:00"),
        ("下午 2:30-3:00", 14, "下午 2:30-3:00"),
        ("上午8:30-下午1:00", 8, "上午8:30-下午1:00"),
    ] {
        let start = Start::at(date(2026, 11, 30), time(hour, 30, 0, 0)).with_slot(words);
        assert_eq!(both("2026-11-30", cell), Ok(start.clone()), "{cell}");
        assert_eq!(read(&format!("2026-11-30 {cell}")), Ok(start), "{cell}");
    }
}

#[test]
fn a_session_is_a_slot_without_a_time() {
    for (cells, word) in [
        (["上午", "早上", "上午診", "AM", "1", "S"].as_slice(), "上午"),
        (&["下午", "午后", "下午診", "PM", "2", "T"], "下午"),
        (&["晚上", "夜间", "夜診", "晚診", "3", "U"], "晚上"),
    ] {
        for cell in cells {
            let start = both("2026-11-30", cell);
            assert_eq!(start, Ok(Start::on(date(2026, 11, 30), Some(word))), "{cell}");
        }
    }
    assert_eq!(read("2026-11-30 上午"), Ok(Start::on(date(2026, 11, 30), Some("上午"))));
}

#[test]
fn a_slot_with_a_number_is_its_words_and_no_time() {
    for cell in [
        "第一时段",
        "第1時段",
        "第 2 节",
        "上午第二诊",
        "下午第十一时段",
        "早上一診",
        "时段3",
        "下午时段二",
        "上午第2节",
        "二班",
    ] {
        let start = Start::on(date(2026, 11, 30), Some(cell));
        assert_eq!(both("2026-11-30", cell), Ok(start.clone()), "{cell}");
        assert_eq!(read(&format!("2026-11-30 {cell}")), Ok(start), "{cell}");
    }
    for cell in [
        "停诊",
        "复诊",
        "第诊",
        "第3号",
        "第一百零一节",
        "第123节",
        "时段",
        "一诊疗室",
        "2026年第3节",
    ] {
        assert_eq!(both("2026-11-30", cell), Err(Trouble::Time), "{cell}");
    }
}

#[test]
fn what_leaves_a_doubt_is_no_date() {
    for cell in [
        "",
        "991130",
        "99/11/30",
        "26-11-30",
        "2026-13-01",
        "2026-02-30",
        "2026-11/30",
        "39999",
        "60001",
        "1231",
        "上午",
        "明天",
        "1.38E+10",
        "########",
        "2026-11",
        "2026年",
        "2261130",
        "30/11/26",
        "2026-11-30-01",
        "106年11月30日 x",
        "2026-11-30T08:30:00+08:00[",
        "2026-11-30T08:30:00+08:00[]",
        "2026-11-30T08:30:00+08:00[张三]",
        "2026-11-30T08:30:00[Asia/Shanghai]",
    ] {
        assert!(
            matches!(read(cell), Err(Trouble::Date | Trouble::Time)),
            "{cell}: {:?}",
            read(cell)
        );
    }
    assert_eq!(read("2026-11-30 星期二"), Err(Trouble::Weekday));
    for cell in [
        "99時99分99秒",
        "25:00",
        "8:60",
        "8",
        "14",
        "上午 14:30",
        "上午12:30",
        "晚上12:00",
        "9:00-8:30",
        "2:30-3:30 PM",
        "第3号",
        "4",
        "24:00",
    ] {
        assert_eq!(both("2026-11-30", cell), Err(Trouble::Time), "{cell}");
    }
}

#[test]
fn noon_and_midnight_with_am_and_pm() {
    let at = |hour, minute| Ok(Start::at(date(2026, 11, 30), time(hour, minute, 0, 0)));
    assert_eq!(both("2026-11-30", "12:30 AM"), at(0, 30));
    assert_eq!(both("2026-11-30", "12:30 PM"), at(12, 30));
    assert_eq!(both("2026-11-30", "下午12:30"), at(12, 30));
    assert_eq!(both("2026-11-30", "中午1:00"), at(13, 0));
}

#[test]
fn a_slot_is_kept_with_its_words() {
    let slot = |cell: &str| {
        let start =
            both("2026-11-30", cell).unwrap_or_else(|trouble| panic!("{cell}: {trouble:?}"));
        (start.to_string().split_off(11), start.slot.unwrap_or_default().into_string())
    };
    for (cell, shown, words) in [
        ("上午 08:00-12:00", "08:00", "上午 08:00-12:00"),
        ("上午(08:00-12:00)", "08:00", "上午(08:00-12:00)"),
        ("下午（13:30-17:30）", "13:30", "下午(13:30-17:30)"),
        ("上午（8:30）", "08:30", ""),
        ("10:00-10:30（3号）", "10:00", "10:00-10:30(3号)"),
        ("08:30-09:00 第2时段", "08:30", "08:30-09:00 第2时段"),
        ("上午第2节", "上午第2节", "上午第2节"),
        ("08:30-\n09:00", "08:30", "08:30- 09:00"),
        ("10:00--10:30", "10:00", "10:00--10:30"),
        ("早", "上午", "上午"),
        ("午間", "中午", "中午"),
    ] {
        assert_eq!(slot(cell), (shown.to_owned(), words.to_owned()), "{cell}");
    }
    for cell in ["上午 08:00-12:30:99", "下午(08:00", "1(初诊)", "上午12:00", "(3号)", "9:00(8:00)"]
    {
        assert_eq!(both("2026-11-30", cell), Err(Trouble::Time), "{cell}");
    }
}

#[test]
fn a_weekday_may_stand_before_and_a_time_may_carry_no_day() {
    let at = Ok(Start::at(date(2026, 11, 30), time(8, 30, 0, 0)));
    assert_eq!(both("Mon, 30 Nov 2026 08:30", ""), at);
    assert_eq!(both("Monday 30 November 2026", "8:30"), at);
    assert_eq!(read("Tue, 30 Nov 2026"), Err(Trouble::Weekday));
    for no_day in ["1899-12-30 08:30:00", "1900-01-01 08:30", "1900/1/1 8:30:00"] {
        assert_eq!(both("2026-11-30", no_day), at, "{no_day}");
    }
}

#[test]
fn two_columns_may_repeat_but_not_contradict_each_other() {
    let at = Ok(Start::at(date(2026, 11, 30), time(8, 30, 0, 0)));
    assert_eq!(both("2026-11-30 00:00:00", "08:30"), at);
    assert_eq!(both("2026-11-30 08:30", "08:30"), at);
    assert_eq!(both("2026-11-30 08:30", "上午"), at);
    assert_eq!(both("2026-11-30 08:30", ""), at);
    assert_eq!(both("2026-11-30 08:30", "09:00"), Err(Trouble::Disagree));
    assert_eq!(both("2026-11-30", "2026-12-01 08:30"), Err(Trouble::Disagree));
}

#[test]
fn day_and_month_need_an_order_or_a_proof() {
    assert_eq!(read("03/04/2026"), Err(Trouble::NeedsOrder(None)));
    assert_eq!(read("30/11/2026"), Err(Trouble::NeedsOrder(Some(DayOrder::Dmy))));
    assert_eq!(read("11/30/2026"), Err(Trouble::NeedsOrder(Some(DayOrder::Mdy))));
    assert_eq!(read("04/04/2026"), Ok(Start::on(date(2026, 4, 4), None)));
    let day =
        |order, cell: &str| with(Some(order), |rules| When::read(cell, rules).map(|w| w.date));
    assert_eq!(day(DayOrder::Dmy, "03/04/2026"), Ok(date(2026, 4, 3)));
    assert_eq!(day(DayOrder::Mdy, "03/04/2026"), Ok(date(2026, 3, 4)));
    assert_eq!(day(DayOrder::Dmy, "11/30/2026"), Err(Trouble::Date));
    assert_eq!(day(DayOrder::Dmy, "30.11.2026"), Ok(date(2026, 11, 30)));
}

#[test]
fn utc_written_for_local_time_is_an_option() {
    let zone = TimeZone::fixed(offset(8));
    let rules = Rules {
        zone: &zone,
        order: None,
        instants_are_local: true,
        excel_1904: true,
        births: false,
    };
    let when = When::read("2026-11-30T08:30:00Z", &rules).unwrap().into_start();
    assert_eq!(when, Start::at(date(2026, 11, 30), time(8, 30, 0, 0)));
    assert_eq!(When::read("44894", &rules).unwrap().date, date(2026, 11, 30));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(day in "\\PC{0,20}|[0-9/.:年月日TZ+ -]{0,24}", time in "\\PC{0,12}|[0-9:.~上下午點分 APM-]{0,14}") {
        let _ = both(&day, &time);
        let _ = Clock::read(&time);
    }

    #[test]
    fn a_day_written_is_the_day_read(y in 2011i16..2060, m in 1i8..=12, d in 1i8..=28, h in 0i8..24, min in 0i8..60) {
        let day = date(y, m, d);
        let roc = y - 1911;
        for text in [
            format!("{y}-{m}-{d}"), format!("{y}/{m:02}/{d:02}"), format!("{y}年{m}月{d}日"),
            format!("{y}{m:02}{d:02}"), format!("{roc}/{m}/{d}"), format!("民國{roc}年{m}月{d}日"),
            format!("{roc:03}{m:02}{d:02}"),
        ] {
            let read = both(&text, &format!("{h}:{min:02}")).unwrap();
            prop_assert_eq!(read.date, day);
            let expected = (h != 0 || min != 0).then(|| time(h, min, 0, 0));
            prop_assert_eq!(read.time, expected);
        }
    }
}
