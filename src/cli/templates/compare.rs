//! Holds a local template against the account's templates.

use std::fmt;

use serde::Serialize;
use wechat::{KeyKind, PrivateTemplate};

use super::sample;
use crate::domain::privacy::Privacy;
use crate::domain::template::{Misfit, Rendering, Template};

/// Something that a comparison found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The account has no template of this id.
    UnknownId,
    /// The account's template asks for a key that the local one does not fill.
    MissingKey {
        /// The key.
        key: String,
        /// The words before it.
        label: String,
    },
    /// The local template fills a key that the account's does not have.
    ExtraKey {
        /// The key.
        key: String,
    },
    /// What fills the key is not of the kind that it takes.
    DoesNotFit {
        /// The key.
        key: String,
        /// The rule that a sample breaks.
        detail: String,
    },
    /// `first` or `remark`: not shown since 2023.
    Unshown {
        /// The key.
        key: String,
    },
    /// A line that is one bare variable: not shown since 2023.
    BareLine {
        /// The key.
        key: String,
    },
    /// A kind that takes registered values only.
    Registered {
        /// The key.
        key: String,
    },
}

impl Finding {
    /// Whether messages would be refused, or would not say what the file says.
    pub const fn is_problem(&self) -> bool {
        match self {
            Self::UnknownId
            | Self::MissingKey { .. }
            | Self::ExtraKey { .. }
            | Self::DoesNotFit { .. } => true,
            Self::Unshown { .. } | Self::BareLine { .. } | Self::Registered { .. } => false,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownId => f.write_str("The account has no template of this id."),
            Self::MissingKey { key, label } => {
                let label = if label.is_empty() { String::new() } else { format!(" ({label})") };
                write!(f, "{key}{label} is not filled; WeChat would refuse every message (47003).")
            }
            Self::ExtraKey { key } => {
                write!(
                    f,
                    "{key} is filled, but the account's template does not have it: nobody would see it."
                )
            }
            Self::DoesNotFit { key, detail } => {
                write!(f, "{key} does not take what fills it: {detail}.")
            }
            Self::Unshown { key } => write!(f, "WeChat has not shown {key} since 2023."),
            Self::BareLine { key } => {
                write!(
                    f,
                    "{key} stands alone on its line; WeChat has not shown such lines since 2023."
                )
            }
            Self::Registered { key } => {
                write!(f, "{key} takes only the values registered for it at mp.weixin.qq.com.")
            }
        }
    }
}

/// What there is to say about a local template and the account's template of this id.
pub fn compare(
    local: &Template,
    id: &str,
    account: &[PrivateTemplate],
    privacy: &Privacy,
    rendering: &Rendering,
) -> Vec<Finding> {
    let Some(theirs) = account.iter().find(|template| template.template_id == id) else {
        return vec![Finding::UnknownId];
    };
    let keys = theirs.keys();
    let is_filled = |key: &str| local.fields().iter().any(|field| field.key == key);
    let unshown = |key: &str| KeyKind::of(key) == KeyKind::Unshown;
    let missing = keys.iter().filter(|wanted| !is_filled(&wanted.key) && !unshown(&wanted.key));
    let mut findings: Vec<Finding> = missing
        .map(|wanted| Finding::MissingKey { key: wanted.key.clone(), label: wanted.label.clone() })
        .collect();
    findings.extend(misfit(local, privacy, rendering));
    for field in local.fields() {
        let key = field.key.clone();
        let theirs = keys.iter().find(|wanted| wanted.key == key);
        match (KeyKind::of(&key), theirs) {
            (KeyKind::Unshown, _) => findings.push(Finding::Unshown { key }),
            (_, None) => findings.push(Finding::ExtraKey { key }),
            (_, Some(theirs)) if !theirs.is_shown() => findings.push(Finding::BareLine { key }),
            (KeyKind::Const | KeyKind::Enum, _) => findings.push(Finding::Registered { key }),
            _ => {}
        }
    }
    findings
}

/// The first field that does not take what fills it, tried with samples.
pub fn misfit(local: &Template, privacy: &Privacy, rendering: &Rendering) -> Option<Finding> {
    let Misfit { key, detail, .. } = local.render(&sample::facts(privacy), rendering).err()?;
    Some(Finding::DoesNotFit { key, detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(fields: &str, content: &str) -> Vec<String> {
        let local = Template::parse("x", &format!("[fields]\n{fields}")).unwrap();
        let theirs = PrivateTemplate {
            template_id: "id".to_owned(),
            content: content.to_owned(),
            ..PrivateTemplate::default()
        };
        compare(&local, "id", &[theirs], &Privacy::default(), &Rendering::default())
            .iter()
            .map(|finding| format!("{} {finding}", if finding.is_problem() { "!" } else { "-" }))
            .collect()
    }

    #[test]
    fn the_shipped_reminder_matches_the_old_template_and_says_what_is_not_shown() {
        let local =
            Template::parse("reminder", include_str!("../../../templates/reminder.toml")).unwrap();
        let theirs = PrivateTemplate {
            template_id: "id".to_owned(),
            content: "{{first.DATA}}\n编号：{{keyword1.DATA}}\n时间：{{keyword2.DATA}}\n医院：{{keyword3.DATA}}\n{{remark.DATA}}".to_owned(),
            ..PrivateTemplate::default()
        };
        let found = compare(&local, "id", &[theirs], &Privacy::default(), &Rendering::default());
        let unshown = |key: &str| Finding::Unshown { key: key.to_owned() };
        assert_eq!(found, [unshown("first"), unshown("remark")]);
        assert_eq!(
            compare(&local, "other", &[], &Privacy::default(), &Rendering::default()),
            [Finding::UnknownId]
        );
    }

    #[test]
    fn missing_extra_misfit_bare_and_registered_keys_are_told_apart() {
        assert_eq!(
            compared(
                "thing1 = \"{{ hospital }}\"\nconst4 = \"已预约\"\nthing5 = \"{{ doctor }}\"\nthing9 = \"x\"",
                "医院：{{thing1.DATA}}\n时间：{{time2.DATA}}\n状态：{{const4.DATA}}\n{{thing5.DATA}}"
            ),
            [
                "! time2 (时间) is not filled; WeChat would refuse every message (47003).",
                "- const4 takes only the values registered for it at mp.weixin.qq.com.",
                "- thing5 stands alone on its line; WeChat has not shown such lines since 2023.",
                "! thing9 is filled, but the account's template does not have it: nobody would see it.",
            ]
        );
        assert_eq!(
            compared("character_string1 = \"{{ hospital }}\"", "医院：{{character_string1.DATA}}"),
            [
                "! character_string1 does not take what fills it: only letters, digits and symbols (no Chinese) are allowed."
            ]
        );
    }
}
