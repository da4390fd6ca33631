//! `templates preview`: the message as a patient sees it, with sample values.

use std::fmt;

use clap::Args;
use serde::Serialize;
use wechat::{KeyKind, LabelledKey, PrivateTemplate};

use super::{account, load, sample, trial};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::{Context, Rehearsal, card};
use crate::config::Config;
use crate::domain::template::{Rendered, Template};

/// How many characters of a keyword WeChat shows (the announcement of 2023-05-04 on template messages).
const SHOWN: usize = 20;

/// The arguments of `templates preview`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The local template.
    name: String,
    /// Send it, with the sample values, to this openid: to see it on your own phone.
    #[arg(long, value_name = "OPENID")]
    send: Option<String>,
    /// Do not ask before sending.
    #[arg(short, long, requires = "send")]
    yes: bool,
    #[command(flatten)]
    rehearsal: Rehearsal,
}

/// A message as it looks on a phone.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Card {
    title: String,
    lines: Vec<Line>,
    /// What is sent, and not shown.
    not_shown: Vec<Line>,
    /// The page that a touch opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<String>,
    /// Whether the labels are those of the account's template; else they are the keys.
    labels_known: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Line {
    key: String,
    label: String,
    value: String,
    /// What follows the 20 characters that are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<String>,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    if let Some(openid) = &arguments.send {
        let Arguments { name, yes, rehearsal, .. } = &arguments;
        return trial::send(name, openid, *yes, rehearsal, context).await;
    }
    let template = load::find(&context.config()?, &arguments.name)?.template()?;
    let (config, templates) =
        account::templates_if_reachable(context, &arguments.rehearsal).await?;
    let rendered = rendered(&config, &template)?;
    let id = load::id(&config, &template);
    let theirs = templates.iter().flatten().find(|theirs| Some(&theirs.template_id) == id.as_ref());
    context.ui.out(&card(&template, rendered, theirs))?;
    Ok(Exit::Done)
}

fn rendered(config: &Config, template: &Template) -> Result<Rendered, CommandError> {
    let facts = sample::facts(&load::privacy(config));
    template.render(&facts, &load::rendering(config)).map_err(|misfit| {
        CommandError::configuration(format!(
            "The template {} cannot be filled even with sample values: {misfit}.",
            template.name()
        ))
        .hint("A field may be a list of texts, of which the first that renders and fits is used.")
    })
}

fn card(template: &Template, rendered: Rendered, theirs: Option<&PrivateTemplate>) -> Card {
    let keys = theirs.map(PrivateTemplate::keys);
    let (mut lines, mut not_shown) = (Vec::new(), Vec::new());
    for (key, value) in rendered.fields {
        let (label, shown) = place(&key, keys.as_deref());
        let (value, cut) = if shown { cut(&key, value) } else { (value, None) };
        let line = Line { key, label, value, cut };
        if shown { lines.push(line) } else { not_shown.push(line) }
    }
    if let Some(keys) = &keys {
        lines.sort_by_key(|line| keys.iter().position(|key| key.key == line.key));
    }
    let title = theirs.map(|theirs| theirs.title.clone()).filter(|title| !title.is_empty());
    let own = || template.title().unwrap_or(template.name()).to_owned();
    Card {
        title: title.unwrap_or_else(own),
        lines,
        not_shown,
        opens: rendered.url.or(rendered.miniprogram.map(|(app, page)| format!("{app} {page}"))),
        labels_known: keys.is_some(),
    }
}

/// The label of a key, and whether patients see its line.
fn place(key: &str, keys: Option<&[LabelledKey]>) -> (String, bool) {
    let unshown = KeyKind::of(key) == KeyKind::Unshown;
    let Some(keys) = keys else { return (key.to_owned(), !unshown) };
    match keys.iter().find(|known| known.key == key) {
        Some(known) => (known.label.clone(), known.is_shown() && !unshown),
        None => (String::new(), false),
    }
}

/// A keyword as it is shown, and what is cut off.
fn cut(key: &str, value: String) -> (String, Option<String>) {
    if KeyKind::of(key) != KeyKind::Keyword {
        return (value, None);
    }
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => {
            let (shown, rest) = value.split_at(at);
            (shown.to_owned(), Some(rest.to_owned()))
        }
        None => (value, None),
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |Line { label, value, cut, .. }: &Line| {
            let mark = if cut.is_some() { " [cut]" } else { "" };
            format!("{label}：{value}{mark}")
        };
        let lines = self.lines.iter().map(line).collect();
        let drawn = card::Card { title: &self.title, lines, opens: self.opens.is_some() };
        writeln!(f, "{drawn}")?;
        for Line { key, cut, .. } in &self.lines {
            if let Some(cut) = cut {
                writeln!(f, "{key}: WeChat shows {SHOWN} characters; this is cut off: {cut}")?;
            }
        }
        for Line { key, value, .. } in &self.not_shown {
            writeln!(f, "Not shown by WeChat: {key} ({value})")?;
        }
        if let Some(page) = &self.opens {
            writeln!(f, "A touch opens: {page}")?;
        }
        if !self.labels_known {
            writeln!(
                f,
                "The labels are in the account's template, which is not known here; the keys stand for them."
            )?;
        }
        write!(f, "The values are samples.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::privacy::Privacy;
    use crate::domain::template::Rendering;

    fn shown(text: &str, content: Option<&str>) -> String {
        let template = Template::parse("x", text).unwrap();
        let theirs = content.map(|content| PrivateTemplate {
            title: "就诊提醒".to_owned(),
            content: content.to_owned(),
            ..PrivateTemplate::default()
        });
        let rendered = template.render(&sample::facts(&Privacy::default()), &Rendering::default());
        card(&template, rendered.unwrap(), theirs.as_ref()).to_string()
    }

    #[test]
    fn the_card_shows_what_a_patient_sees_and_says_what_is_dropped() {
        let content = "{{first.DATA}}\n预约编号：{{keyword1.DATA}}\nHospital: {{keyword3.DATA}}\n就诊时间：{{keyword2.DATA}}\n{{remark.DATA}}";
        let reminder = include_str!("../../../templates/reminder.toml");
        insta::assert_snapshot!(shown(reminder, Some(content)), @r#"
        +--------------------------------+
        | 就诊提醒                       |
        |                                |
        | 预约编号：A20261130007         |
        | Hospital：协和医院             |
        | 就诊时间：2026年11月30日 09:00 |
        +--------------------------------+
        Not shown by WeChat: first (您好，您有一次预约就诊即将到来，请按时前往。)
        Not shown by WeChat: remark (就诊医生：李医生。如需取消或改期，请提前联系医院。)
        The values are samples.
        "#);
    }

    #[test]
    fn a_keyword_is_cut_at_20_characters_and_a_thing_is_not() {
        let text = "url = \"https://h.example/v/{{ appointment_id }}\"\n[fields]\nkeyword1 = \"一二三四五六七八九十一二三四五六七八九十多出来\"\n[max]\nkeyword1 = 32";
        insta::assert_snapshot!(shown(text, None), @r#"
        +----------------------------------------------------------+
        | x                                                        |
        |                                                          |
        | keyword1：一二三四五六七八九十一二三四五六七八九十 [cut] |
        |                                                          |
        | 查看详情 >                                               |
        +----------------------------------------------------------+
        keyword1: WeChat shows 20 characters; this is cut off: 多出来
        A touch opens: https://h.example/v/A20261130007
        The labels are in the account's template, which is not known here; the keys stand for them.
        The values are samples.
        "#);
    }

    #[test]
    fn a_line_that_is_one_bare_variable_is_not_on_the_card() {
        let card = shown("[fields]\nthing1 = \"{{ doctor }}\"", Some("{{thing1.DATA}}"));
        assert!(card.contains("Not shown by WeChat: thing1 (李医生)"), "{card}");
    }
}
