//! The report as one file: everything that it shows stands in it, and it runs nothing.

use jiff::civil::DateTime;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::table::Table;
use super::{Figures, Language, chart, table};

const TEMPLATE: &str = include_str!("file.html");

/// What stands in the head of a report.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The account's app id; none where the figures are of all.
    pub account: Option<&'a str>,
    /// When it was made, by the clinic's clock.
    pub made: DateTime,
}

/// The report as HTML, whole: pictures, their numbers as tables, and no word of anybody.
///
/// # Errors
/// The template's; a test fills it with everything there is.
pub fn html(
    figures: &Figures,
    about: &About<'_>,
    language: Language,
) -> Result<String, minijinja::Error> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    let made = about.made.strftime("%Y-%m-%d %H:%M").to_string();
    let said = |en: &'static str, zh: &'static str| language.pick(en, zh);
    engine.render_str(
        TEMPLATE,
        context! {
            lang => language.tag(),
            title => said("Messages and appointments", "消息与预约报告"),
            span => span(figures, language),
            made => match language {
                Language::En => format!("made on {made}"),
                Language::Zh => format!("生成于 {made}"),
            },
            account => about.account,
            nobody => said(
                "The counts name no patient. A small number beside a small department may still tell of one: share the file with care.",
                "数字中没有任何患者信息；但科室很小、数字很小时，仍可能推知个人，请谨慎传阅。",
            ),
            kinds => rows(&table::kinds(figures, language)),
            sections => sections(figures, language),
        },
    )
}

/// One picture with its numbers.
type Draw = (fn(&Figures, Language) -> String, fn(&Figures, Language) -> Table);

fn sections(figures: &Figures, language: Language) -> Vec<Value> {
    let all: [(&str, &str, Draw); 6] = [
        ("Messages by day and outcome", "每日消息及结果", (chart::days, table::days)),
        ("What did not get through, by cause", "未送达原因", (chart::failures, table::failures)),
        (
            "Appointments ahead by department",
            "各科室待就诊预约",
            (chart::departments, table::departments),
        ),
        ("Appointments ahead by doctor", "各医生待就诊预约", (chart::doctors, table::doctors)),
        ("Appointments ahead by day", "每日待就诊预约", (chart::visit_days, table::visit_days)),
        ("How long messages took", "消息用时", (chart::delays, table::delays)),
    ];
    let section = |(en, zh, (draw, numbers)): (&'static str, &'static str, Draw)| {
        context! {
            title => language.pick(en, zh),
            // Drawn here, with every name escaped.
            picture => Value::from_safe_string(draw(figures, language)),
            numbers => language.pick("The numbers", "数字"),
            table => rows(&numbers(figures, language)),
        }
    };
    all.into_iter().map(section).collect()
}

fn rows(table: &Table) -> Value {
    context! { header => &table.header, rows => &table.rows }
}

fn span(figures: &Figures, language: Language) -> String {
    let (since, until, today) = (figures.since, figures.until, figures.today);
    match language {
        Language::En => format!(
            "Messages that last changed from {since} to {until}; appointments from {today} on."
        ),
        Language::Zh => {
            format!("消息：{since} 至 {until}（按最后变化日期）；预约：{today} 起。")
        }
    }
}
