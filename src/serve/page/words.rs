//! The languages of the page: one file of sentences each, under the same keys.

use std::sync::LazyLock;

use toml::Table;

use crate::report::Language;

/// A language.
pub(super) struct Words {
    /// Its tag (BCP 47), for `lang` and for the switch.
    pub tag: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// The same for what the page shares with the report.
    pub language: Language,
    /// Every sentence.
    pub table: Table,
}

const FILES: [(&str, &str, Language, &str); 2] = [
    ("zh-Hans", "简体中文", Language::Zh, include_str!("words/zh-Hans.toml")),
    ("en", "English", Language::En, include_str!("words/en.toml")),
];

static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| {
    let read = |text: &str| text.parse::<Table>().unwrap_or_default();
    FILES
        .into_iter()
        .map(|(tag, name, language, text)| Words { tag, name, language, table: read(text) })
        .collect()
});

/// Every language.
pub(super) fn all() -> &'static [Words] {
    &ALL
}

/// The language of this tag.
pub(super) fn tagged(tag: &str) -> Option<&'static Words> {
    all().iter().find(|words| words.tag == tag)
}

/// The first language of an `Accept-Language` that there is, by the visitor's weights; else the first of all, since
/// staff who read neither are rare where this runs.
pub(super) fn accepted(header: &str) -> &'static Words {
    let mut asked: Vec<(f32, &str)> = header
        .split(',')
        .filter_map(|part| {
            let mut parts = part.split(';').map(str::trim);
            let tag = parts.next().filter(|tag| !tag.is_empty())?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
            Some((weight.unwrap_or(1.0), tag))
        })
        .filter(|(weight, _)| *weight > 0.0)
        .collect();
    // Stable, so that equal weights keep their order.
    asked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    asked.into_iter().find_map(|(_, tag)| matching(tag)).unwrap_or(&all()[0])
}

fn matching(tag: &str) -> Option<&'static Words> {
    match tag.to_ascii_lowercase().split('-').next()? {
        "en" => tagged("en"),
        "zh" | "cmn" | "yue" => tagged("zh-Hans"),
        _ => None,
    }
}

impl Words {
    /// The sentence under `section.key`; nothing for one there is none of.
    pub fn say(&self, section: &str, key: &str) -> &str {
        self.find(section, key).unwrap_or_default()
    }

    /// The same, where there may be none.
    pub fn find(&self, section: &str, key: &str) -> Option<&str> {
        self.table.get(section)?.get(key)?.as_str()
    }

    /// The sentence with values in the places of their names, each written `{name}`.
    pub fn fill(&self, section: &str, key: &str, values: &[(&str, &str)]) -> String {
        fill(
            self.say(section, key),
            values.iter().map(|(name, value)| (*name, (*value).to_owned())),
        )
    }
}

/// A sentence with values in the places of their names.
pub(super) fn fill<'a>(text: &str, values: impl Iterator<Item = (&'a str, String)>) -> String {
    values.fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value))
}

/// The keys of a table, whole.
#[cfg(test)]
fn keys(table: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    for (section, value) in table {
        match value {
            toml::Value::Table(inner) => {
                keys.extend(inner.keys().map(|key| format!("{section}.{key}")))
            }
            _ => keys.push(section.clone()),
        }
    }
    keys.sort();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Kind;

    #[test]
    fn every_language_says_everything_with_the_same_places() {
        let first = &all()[0];
        assert!(!first.table.is_empty());
        let places = |text: &str| {
            let mut places: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}'))
                .map(|(name, _)| name.to_owned())
                .collect();
            places.sort();
            places
        };
        for words in all() {
            assert_eq!(keys(&words.table), keys(&first.table), "{}", words.tag);
            for key in keys(&words.table) {
                let (section, key) = key.split_once('.').unwrap();
                let (ours, theirs) = (words.say(section, key), first.say(section, key));
                assert!(!ours.is_empty(), "{} {section}.{key}", words.tag);
                assert_eq!(places(ours), places(theirs), "{} {section}.{key}", words.tag);
            }
        }
    }

    #[test]
    fn every_kind_has_a_word_in_every_language() {
        for words in all() {
            for kind in Kind::ALL {
                assert!(words.find("kind", kind.as_str()).is_some(), "{}", kind.as_str());
            }
        }
    }

    #[test]
    fn the_browsers_language_is_taken_by_its_weight() {
        for (header, tag) in [
            ("", "zh-Hans"),
            ("fr, de;q=0.8", "zh-Hans"),
            ("en-GB,en;q=0.9,zh-CN;q=0.8", "en"),
            ("fr,zh-TW;q=0.7,en;q=0.6", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("en;q=0, zh-SG", "zh-Hans"),
            ("en;q=x", "en"),
        ] {
            assert_eq!(accepted(header).tag, tag, "{header}");
        }
    }
}
