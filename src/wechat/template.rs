//! The account's own templates, and the keys that their text asks for.

use serde::{Deserialize, Serialize};

use crate::errcode::Endpoint;
use crate::wire::Call;

pub(crate) static LIST: Call =
    Call::new("/cgi-bin/template/get_all_private_template", Endpoint::Other, "template_list")
        .at_most(4 << 20);
pub(crate) static ADD: Call =
    Call::new("/cgi-bin/template/api_add_template", Endpoint::Other, "template_id");

/// A template of the account (`/cgi-bin/template/get_all_private_template`).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct PrivateTemplate {
    /// The id to send with.
    pub template_id: String,
    /// Its title, shown at the head of the message.
    pub title: String,
    /// The industry it belongs to; may be empty for templates of the category library.
    pub primary_industry: String,
    /// The narrower industry.
    pub deputy_industry: String,
    /// Its lines, such as `就诊时间：{{time2.DATA}}`.
    pub content: String,
    /// The same with sample values.
    pub example: String,
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    pub(crate) template_list: Vec<PrivateTemplate>,
}

/// A key and the words that stand before it in the template.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LabelledKey {
    /// The words, without the colon. Empty for a line that is one bare variable: a header or footer, which WeChat
    /// has not shown since 2023-05-04.
    pub label: String,
    /// The key, without `.DATA`.
    pub key: String,
}

impl LabelledKey {
    /// Whether patients see it.
    pub fn is_shown(&self) -> bool {
        !self.label.is_empty()
    }
}

impl PrivateTemplate {
    /// The keys that the content asks for, in its order, each once.
    pub fn keys(&self) -> Vec<LabelledKey> {
        let mut keys: Vec<LabelledKey> = Vec::new();
        for found in self.content.lines().flat_map(keys_of_line) {
            if keys.iter().all(|known| known.key != found.key) {
                keys.push(found);
            }
        }
        keys
    }
}

fn keys_of_line(line: &str) -> Vec<LabelledKey> {
    let mut keys = Vec::new();
    let mut rest = line;
    while let Some((before, key, after)) = next_variable(rest) {
        keys.push(LabelledKey { label: label(before), key: key.to_owned() });
        rest = after;
    }
    // Words that only follow the variable are words of its line all the same.
    if let [only] = &mut keys[..]
        && only.label.is_empty()
    {
        only.label = label(rest);
    }
    keys
}

fn label(text: &str) -> String {
    text.trim().trim_end_matches([':', '：']).trim_end().to_owned()
}

/// What stands before the next `{{key.DATA}}`, its key, and what stands after. Some copies of the content have
/// spaces between and inside the braces.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        if let Some((key, after)) = variable(&text[open..]) {
            return Some((&text[..open], key, after));
        }
        from = open + 1;
    }
    None
}

fn variable(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('{')?.trim_start().strip_prefix('{')?.trim_start();
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (key, after) = inside.split_at(end);
    let after = after
        .strip_prefix(".DATA")?
        .trim_start()
        .strip_prefix('}')?
        .trim_start()
        .strip_prefix('}')?;
    (!key.is_empty()).then_some((key, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(content: &str) -> Vec<(String, String)> {
        let template =
            PrivateTemplate { content: content.to_owned(), ..PrivateTemplate::default() };
        template.keys().into_iter().map(|found| (found.label, found.key)).collect()
    }

    fn pair(label: &str, key: &str) -> (String, String) {
        (label.to_owned(), key.to_owned())
    }

    #[test]
    fn labels_and_keys_are_read_with_either_colon() {
        let found = keys(
            "就诊科室：{{thing1.DATA}}\n就诊时间:{{time2.DATA}}\n Doctor : {{ thing12.DATA }}\n",
        );
        assert_eq!(
            found,
            [pair("就诊科室", "thing1"), pair("就诊时间", "time2"), pair("Doctor", "thing12")]
        );
    }

    #[test]
    fn a_bare_line_has_no_label_and_spaces_between_braces_are_tolerated() {
        let found = keys("{{first.DATA}}\r\n处方号：{ {character_string3.DATA} }\n{{remark.DATA}}");
        assert_eq!(
            found,
            [pair("", "first"), pair("处方号", "character_string3"), pair("", "remark")]
        );
    }

    #[test]
    fn two_on_a_line_words_after_and_repetitions() {
        assert_eq!(
            keys("日期：{{date1.DATA}} 时间：{{time2.DATA}}"),
            [pair("日期", "date1"), pair("时间", "time2")]
        );
        assert_eq!(keys("{{name1.DATA}} 您好"), [pair("您好", "name1")]);
        assert_eq!(keys("甲：{{thing1.DATA}}\n乙：{{thing1.DATA}}"), [pair("甲", "thing1")]);
    }

    #[test]
    fn what_is_no_variable_is_passed_over() {
        assert_eq!(
            keys("{{thing1}} {x {{.DATA}} {{a b.DATA}} {{{thing2.DATA}} {{thing3.DATA"),
            [pair("{{thing1}} {x {{.DATA}} {{a b.DATA}} {", "thing2")]
        );
    }
}
