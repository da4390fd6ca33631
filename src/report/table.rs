//! The figures as rows: what the pictures show, for those who want the numbers.

use super::{Figures, Language, STEPS, Share, end, state, why};
use crate::domain::message::Kind;
use crate::ledger::End;

/// A table for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The titles of its columns.
    pub header: Vec<String>,
    /// Its rows, as long as the header; empty where there is nothing to say.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    fn of(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Self {
        Self {
            header: header.iter().map(|&title| title.to_owned()).collect(),
            rows: rows.collect(),
        }
    }
}

/// Messages by day and state; days without a message are left out.
pub fn days(figures: &Figures, language: Language) -> Table {
    let states = figures.states();
    let mut header = vec![language.pick("day", "日期")];
    header.extend(states.iter().map(|(one, _)| state(*one, language)));
    let days = figures.days.iter().filter(|day| !day.counts.is_empty());
    let rows = days.map(|day| {
        let counts = states.iter().map(|(state, _)| day.count(*state).to_string());
        std::iter::once(day.date.to_string()).chain(counts).collect()
    });
    let total = states.iter().map(|(_, count)| count.to_string());
    let total = std::iter::once(language.pick("total", "合计").to_owned()).chain(total).collect();
    let total = Some(total).filter(|_| !states.is_empty());
    Table::of(&header, rows.chain(total))
}

/// Messages by kind and state.
pub fn kinds(figures: &Figures, language: Language) -> Table {
    let kinds = [
        (Kind::Reminder, language.pick("reminders", "就诊提醒")),
        (Kind::Prescription, language.pick("prescriptions", "处方通知")),
        (Kind::Connector, language.pick("of other programs", "其他系统的消息")),
    ];
    let states = figures.states();
    let mut header = vec![""];
    header.extend(states.iter().map(|(one, _)| state(*one, language)));
    header.push(language.pick("total", "合计"));
    let row = |(kind, name): (Kind, &str)| {
        let count = |state| {
            let rows = figures.days.iter().flat_map(|day| &day.counts);
            rows.filter(|row| row.kind == kind && row.state == state).map(|row| row.count).sum()
        };
        let counts: Vec<u64> = states.iter().map(|(state, _)| count(*state)).collect();
        let total: u64 = counts.iter().sum();
        let cells = counts.iter().chain(Some(&total)).map(ToString::to_string);
        (total > 0).then(|| std::iter::once(name.to_owned()).chain(cells).collect())
    };
    Table::of(&header, kinds.into_iter().filter_map(row))
}

/// What did not get through, by cause.
pub fn failures(figures: &Figures, language: Language) -> Table {
    let header = [
        language.pick("state", "状态"),
        language.pick("cause", "原因"),
        language.pick("messages", "消息数"),
    ];
    let rows = figures.failures.iter().map(|one| {
        let cause = why(one.state, one.errcode, one.reason.as_deref(), language);
        vec![state(one.state, language).to_owned(), cause, one.count.to_string()]
    });
    Table::of(&header, rows)
}

/// Visits ahead by department.
pub fn departments(figures: &Figures, language: Language) -> Table {
    let shares = figures.departments();
    shares_table(&[language.pick("department", "科室")], &shares, language, |share| {
        vec![named(&share.name, language).to_owned()]
    })
}

/// Visits ahead by doctor.
pub fn doctors(figures: &Figures, language: Language) -> Table {
    let titles = [language.pick("doctor", "医生"), language.pick("department", "科室")];
    shares_table(&titles, &figures.doctors(), language, |share| {
        vec![named(&share.name, language).to_owned(), named(&share.within, language).to_owned()]
    })
}

/// Visits ahead by day; days without a visit are left out.
pub fn visit_days(figures: &Figures, language: Language) -> Table {
    let days = figures.visit_days().into_iter().map(|(_, share)| share);
    let days: Vec<Share> = days.filter(|share| share.reminders != [0; End::ALL.len()]).collect();
    shares_table(&[language.pick("day", "日期")], &days, language, |share| {
        vec![share.name.clone()]
    })
}

/// How long messages took.
pub fn delays(figures: &Figures, language: Language) -> Table {
    let delays = &figures.delays;
    let header = [
        language.pick("time", "用时"),
        language.pick("planned to accepted", "计划至微信接收"),
        language.pick("accepted to receipt", "微信接收至送达回执"),
    ];
    let steps = delays.to_answer.iter().zip(delays.to_receipt).enumerate();
    let rows = steps.map(|(index, (answer, receipt))| {
        vec![step(index, language).to_owned(), answer.to_string(), receipt.to_string()]
    });
    let without = vec![
        language.pick("no receipt", "无回执").to_owned(),
        String::new(),
        delays.without_receipt.to_string(),
    ];
    let rows: Vec<_> = rows.chain(Some(without)).collect();
    Table::of(&header, rows.into_iter().filter(|_| !delays.is_empty()))
}

fn shares_table(
    titles: &[&str],
    shares: &[Share],
    language: Language,
    name: impl Fn(&Share) -> Vec<String>,
) -> Table {
    let ends = End::ALL.into_iter().enumerate();
    let used: Vec<(usize, End)> =
        ends.filter(|(index, _)| shares.iter().any(|share| share.reminders[*index] > 0)).collect();
    let mut header = titles.to_vec();
    header.push(language.pick("appointments", "预约数"));
    header.extend(used.iter().map(|(_, one)| end(*one, language)));
    let row = |share: &Share| {
        let ends = used.iter().map(|(index, _)| share.reminders[*index].to_string());
        name(share).into_iter().chain(Some(share.visits.to_string())).chain(ends).collect()
    };
    Table::of(&header, shares.iter().map(row))
}

/// A name, or a word for none.
pub(super) fn named(name: &str, language: Language) -> &str {
    if name.is_empty() { language.pick("not named", "未注明") } else { name }
}

/// What a step of [`STEPS`] is called.
pub(super) fn step(index: usize, language: Language) -> &'static str {
    const EN: [&str; STEPS.len()] =
        ["up to 5 s", "to 1 min", "to 10 min", "to 1 h", "to 1 day", "longer"];
    const ZH: [&str; STEPS.len()] =
        ["5 秒内", "1 分钟内", "10 分钟内", "1 小时内", "1 天内", "更久"];
    language.pick(EN[index], ZH[index])
}
