//! The figures as pictures: SVG without script, style, font or anything from elsewhere, with a title and a description
//! for those who do not see them. Every picture stands beside its [`super::table`].

mod bars;
mod canvas;
mod columns;

use bars::Bar;
use columns::{Columns, Series};
use plotters::style::RGBColor;

use super::{Figures, Language, STEPS, Share, why};
use crate::domain::state::State;

/// Bars of their own in a picture; what is beyond shares one.
const MOST_BARS: usize = 12;

const BLUE: RGBColor = RGBColor(0x2f, 0x6f, 0xb0);
const TEAL: RGBColor = RGBColor(0x2a, 0x8f, 0x7d);
const RED: RGBColor = RGBColor(0xb8, 0x3a, 0x2e);
const GREY: RGBColor = RGBColor(0x8a, 0x93, 0x9c);

/// The colours of the states: told apart by those too who see no red or green, since their brightness differs.
const fn colour(state: State) -> RGBColor {
    match state {
        State::Delivered => RGBColor(0x1f, 0x7a, 0x5a),
        State::Accepted => RGBColor(0x5a, 0xa7, 0xd6),
        State::Held => RGBColor(0xe8, 0xbf, 0x4a),
        State::Queued | State::Sending => RGBColor(0xb9, 0xc2, 0xcb),
        State::Failed => RGBColor(0xb8, 0x3a, 0x2e),
        State::Undelivered => RGBColor(0xe5, 0x83, 0x5e),
        State::Unknown => RGBColor(0x7d, 0x5b, 0xa6),
        State::Expired => RGBColor(0x8c, 0x6d, 0x46),
        State::Cancelled => RGBColor(0x6b, 0x72, 0x80),
        State::Skipped => RGBColor(0xd9, 0xcc, 0xb0),
    }
}

/// Messages by the day of their last change, and where they stand.
pub fn days(figures: &Figures, language: Language) -> String {
    let series = figures.states().into_iter().map(|(state, count)| Series {
        name: format!("{} {count}", super::state(state, language)),
        colour: colour(state),
        values: figures.days.iter().map(|day| day.count(state)).collect(),
    });
    columns::draw(&Columns {
        title: language.pick("Messages by day and outcome", "每日消息及结果"),
        empty: language.pick("No messages in these days.", "这些日期内没有消息。"),
        labels: figures.days.iter().map(|day| short(day.date)).collect(),
        series: series.collect(),
        stacked: true,
    })
}

/// What did not get through, by cause.
pub fn failures(figures: &Figures, language: Language) -> String {
    let bar = |one: &super::Failure| Bar {
        name: why(one.state, one.errcode, one.reason.as_deref(), language),
        count: one.count,
    };
    let rest = figures.failures.iter().skip(MOST_BARS).map(|one| one.count);
    bars::draw(
        language.pick("What did not get through, by cause", "未送达原因"),
        language.pick("Everything got through.", "没有未送达的消息。"),
        &with_rest(figures.failures.iter().take(MOST_BARS).map(bar), rest, language),
        RED,
    )
}

/// Visits ahead by department.
pub fn departments(figures: &Figures, language: Language) -> String {
    let title = language.pick("Appointments ahead by department", "各科室待就诊预约");
    shares(title, &figures.departments(), language, TEAL)
}

/// Visits ahead by doctor.
pub fn doctors(figures: &Figures, language: Language) -> String {
    let title = language.pick("Appointments ahead by doctor", "各医生待就诊预约");
    shares(title, &figures.doctors(), language, BLUE)
}

/// Visits ahead by day.
pub fn visit_days(figures: &Figures, language: Language) -> String {
    let days = figures.visit_days();
    let series = Series {
        name: language.pick("appointments", "预约").to_owned(),
        colour: TEAL,
        values: days.iter().map(|(_, share)| share.visits).collect(),
    };
    columns::draw(&Columns {
        title: language.pick("Appointments ahead by day", "每日待就诊预约"),
        empty: no_visits(language),
        labels: days.iter().map(|(day, _)| short(*day)).collect(),
        series: vec![series],
        stacked: true,
    })
}

/// How long messages took.
pub fn delays(figures: &Figures, language: Language) -> String {
    let delays = &figures.delays;
    let series = |name: &str, colour, counts: &[u64]| Series {
        name: name.to_owned(),
        colour,
        values: counts.to_vec(),
    };
    columns::draw(&Columns {
        title: language.pick("How long messages took", "消息用时"),
        empty: language
            .pick("No message was accepted in these days.", "这些日期内没有已接收的消息。"),
        labels: (0..STEPS.len())
            .map(|step| super::table::step(step, language).to_owned())
            .collect(),
        series: vec![
            series(language.pick("planned to accepted", "计划至微信接收"), BLUE, &delays.to_answer),
            series(
                language.pick("accepted to receipt", "微信接收至送达回执"),
                GREY,
                &delays.to_receipt,
            ),
        ],
        stacked: false,
    })
}

fn shares(title: &str, shares: &[Share], language: Language, colour: RGBColor) -> String {
    let bar = |share: &Share| {
        let name = super::table::named(&share.name, language);
        let within = if share.within.is_empty() { "" } else { share.within.as_str() };
        let name = if within.is_empty() { name.to_owned() } else { format!("{name} · {within}") };
        Bar { name, count: share.visits }
    };
    let rest = shares.iter().skip(MOST_BARS).map(|share| share.visits);
    let bars = with_rest(shares.iter().take(MOST_BARS).map(bar), rest, language);
    bars::draw(title, no_visits(language), &bars, colour)
}

fn with_rest(
    bars: impl Iterator<Item = Bar>,
    rest: impl ExactSizeIterator<Item = u64>,
    language: Language,
) -> Vec<Bar> {
    let mut bars: Vec<Bar> = bars.collect();
    let others = rest.len();
    if others > 0 {
        let name = match language {
            Language::En => format!("{others} others"),
            Language::Zh => format!("其他 {others} 项"),
        };
        bars.push(Bar { name, count: rest.sum() });
    }
    bars
}

const fn no_visits(language: Language) -> &'static str {
    language.pick("No appointments ahead are known.", "没有已知的待就诊预约。")
}

/// `11-30`; the year stands in the title of the report.
fn short(day: jiff::civil::Date) -> String {
    format!("{:02}-{:02}", day.month(), day.day())
}
