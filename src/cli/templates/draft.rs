//! Drafts a local template from one of the account: each field filled by what its label says.

use std::fmt::Write as _;

use wechat::{KeyKind, LabelledKey, PrivateTemplate};

use super::{label, sample};
use crate::cli::sanitise;
use crate::domain::privacy::Privacy;
use crate::domain::template::{Rendering, Template};

/// A local template's text, and how far it is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The TOML text.
    pub text: String,
    /// The fields that are filled.
    pub filled: Vec<Field>,
    /// The fields whose text is left empty: loading the template names them.
    pub to_fill: Vec<Field>,
}

/// A field of the account's template.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Field {
    /// The key, without `.DATA`.
    pub key: String,
    /// The words before it; empty for a line that is one bare variable.
    pub label: String,
}

/// Drafts the text of a local template.
pub fn draft(template: &PrivateTemplate) -> Draft {
    let keys: Vec<LabelledKey> = template.keys();
    let (unshown, keys): (Vec<_>, Vec<_>) =
        keys.into_iter().partition(|key| KeyKind::of(&key.key) == KeyKind::Unshown);
    let about = About::of(template, &keys);
    let mut draft =
        Draft { text: head(template, !unshown.is_empty()), filled: vec![], to_fill: vec![] };
    for LabelledKey { label, key } in keys {
        let texts = about.texts(&key, &label);
        let value = texts.as_ref().map_or_else(|| quoted(""), |texts| values(texts));
        let comment = comment(&key, &label, texts.is_some());
        // Writing to a String cannot fail.
        let _ = writeln!(draft.text, "{key} = {value}  # {comment}");
        let field = Field { key, label };
        if texts.is_some() { draft.filled.push(field) } else { draft.to_fill.push(field) }
    }
    draft
}

/// The file's beginning: what it is, the account's example, title and id.
fn head(template: &PrivateTemplate, unshown: bool) -> String {
    let mut head = String::from(
        "# Written by `wxremind templates pull`. WeChat's example of the message:\n#\n",
    );
    for line in template.example.lines().map(sanitise::line) {
        let _ = writeln!(head, "{}", format!("#   {line}").trim_end());
    }
    head.push_str(
        "#\n# Each field is a text with {{ variables }}, or a list of texts of which the first that renders and fits is used.\n\
         # `wxremind templates preview` shows the message as patients see it.\n",
    );
    if unshown {
        head.push_str("# first and remark are left out: WeChat has not shown them since 2023.\n");
    }
    let _ = writeln!(head, "title = {}", quoted(&template.title));
    let _ = writeln!(head, "template_id = {}\n\n[fields]", quoted(&template.template_id));
    head
}

fn comment(key: &str, label: &str, filled: bool) -> String {
    let label = sanitise::line(label);
    let label =
        if label.is_empty() { "no label, so WeChat does not show it".to_owned() } else { label };
    if filled { label } else { format!("{label}: fill this in ({})", KeyKind::of(key).rule()) }
}

fn values(texts: &[&str]) -> String {
    match texts {
        [only] => quoted(only),
        _ => format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(sanitise::line(text)).to_string()
}

/// What the template is about, which decides what 时间 and 编号 mean in it, and the language of its last resorts.
struct About {
    prescription: bool,
    words: Words,
}

/// The last resorts of fields that a row may lack, so that a missing room does not cost a reminder.
struct Words {
    hospital: &'static str,
    other: &'static str,
}

/// Characters of labels that simplified writing does not have.
const ONLY_TRADITIONAL: &str = "診時間預約醫師專點單號編區處藥別門機構開";

impl About {
    fn of(template: &PrivateTemplate, keys: &[LabelledKey]) -> Self {
        let title = template.title.to_lowercase();
        let named = ["处方", "處方", "取药", "取藥", "領藥", "prescription"];
        let prescription = named.iter().any(|word| title.contains(word))
            || keys.iter().any(|key| label::variable(&key.label) == Some("reference"));
        let labels: String = keys.iter().map(|key| key.label.as_str()).collect();
        Self { prescription, words: Words::of(&labels, prescription) }
    }

    /// The texts for a key; `None` where the label does not say, or the key's rule does not take such a value.
    fn texts(&self, key: &str, label: &str) -> Option<Vec<&'static str>> {
        let clock = matches!(KeyKind::of(key), KeyKind::Time | KeyKind::Date);
        let mut texts: Vec<&'static str> = match label::variable(label)? {
            "start" if self.prescription => vec!["{{ issued }}"],
            "start" if clock => vec!["{{ start }}"],
            "start" => vec!["{{ date }} {{ slot }}", "{{ start }}", "{{ date }}"],
            "appointment_id" if self.prescription => vec!["{{ reference }}"],
            "appointment_id" => vec!["{{ appointment_id }}"],
            "reference" => vec!["{{ reference }}"],
            "issued" => vec!["{{ issued }}"],
            "expires" => vec!["{{ expires }}"],
            "patient" => vec!["{{ patient }}"],
            "patient_id" => vec!["{{ patient_id }}"],
            "hospital" => vec!["{{ hospital }}", self.words.hospital],
            "department" => vec!["{{ department }}", self.words.other],
            "doctor" => vec!["{{ doctor }}", self.words.other],
            "location" => vec!["{{ location }}", self.words.other],
            _ => return None,
        };
        texts.retain(|text| text.contains("{{") || fits(key, &[text]));
        let values: Vec<&str> = texts.iter().copied().filter(|text| text.contains("{{")).collect();
        fits(key, &values).then_some(texts)
    }
}

impl Words {
    fn of(labels: &str, prescription: bool) -> Self {
        let traditional = labels.chars().any(|c| ONLY_TRADITIONAL.contains(c));
        let (hospital, other) = match (labels.is_ascii(), traditional, prescription) {
            (true, _, false) => ("your hospital", "see your booking"),
            (true, _, true) => ("your hospital", "see the prescription"),
            (_, true, false) => ("您預約的醫院", "詳見預約資料"),
            (_, true, true) => ("您就診的醫院", "詳見處方"),
            (_, _, false) => ("您预约的医院", "详见预约信息"),
            (_, _, true) => ("您就诊的医院", "详见处方"),
        };
        Self { hospital, other }
    }
}

/// Whether one of these texts, filled with samples, is what the key's rule takes.
fn fits(key: &str, texts: &[&str]) -> bool {
    let text = format!("[fields]\n{key} = {}", values(texts));
    Template::parse("draft", &text).is_ok_and(|template| {
        template.render(&sample::facts(&Privacy::default()), &Rendering::default()).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(title: &str, content: &str) -> PrivateTemplate {
        PrivateTemplate {
            template_id: "-ACz".to_owned(),
            title: title.to_owned(),
            content: content.to_owned(),
            example: "就诊科室：心内科\n\u{1b}[31m就诊时间：2026年12月1日".to_owned(),
            ..PrivateTemplate::default()
        }
    }

    #[test]
    fn a_visit_template_is_filled_from_its_labels_and_the_rest_is_marked() {
        let content = "{{first.DATA}}\n就诊科室：{{thing1.DATA}}\n就诊时间：{{time2.DATA}}\n预约单号：{{character_string3.DATA}}\n\
                       温馨提示：{{thing5.DATA}}\n医院：{{character_string6.DATA}}\n{{thing7.DATA}}";
        let draft = draft(&template("就诊提醒", content));
        insta::assert_snapshot!(draft.text, @r#"
        # Written by `wxremind templates pull`. WeChat's example of the message:
        #
        #   就诊科室：心内科
        #   就诊时间：2026年12月1日
        #
        # Each field is a text with {{ variables }}, or a list of texts of which the first that renders and fits is used.
        # `wxremind templates preview` shows the message as patients see it.
        # first and remark are left out: WeChat has not shown them since 2023.
        title = "就诊提醒"
        template_id = "-ACz"

        [fields]
        thing1 = ["{{ department }}", "详见预约信息"]  # 就诊科室
        time2 = "{{ start }}"  # 就诊时间
        character_string3 = "{{ appointment_id }}"  # 预约单号
        thing5 = ""  # 温馨提示: fill this in (any text on one line, at most 20 characters)
        character_string6 = ""  # 医院: fill this in (letters, digits and symbols without Chinese, at most 32 characters)
        thing7 = ""  # no label, so WeChat does not show it: fill this in (any text on one line, at most 20 characters)
        "#);
        let keys: Vec<&str> = draft.to_fill.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(keys, ["thing5", "character_string6", "thing7"]);
    }

    #[test]
    fn in_a_prescription_a_number_is_the_reference_and_a_time_the_day_of_issue() {
        let content = "编号：{{character_string1.DATA}}\n时间：{{time2.DATA}}\n有效期：{{time3.DATA}}\n医院：{{thing4.DATA}}";
        let draft = draft(&template("电子处方通知", content));
        assert!(draft.to_fill.is_empty(), "{}", draft.text);
        let read = Template::parse("x", &draft.text).unwrap();
        let texts: Vec<&str> = read.fields().iter().map(|field| field.texts[0].as_str()).collect();
        assert_eq!(texts, ["{{ reference }}", "{{ issued }}", "{{ expires }}", "{{ hospital }}"]);
    }

    #[test]
    fn the_last_resort_speaks_the_language_of_the_labels() {
        for (label, word) in [
            ("就诊医院", "您预约的医院"),
            ("就診醫院", "您預約的醫院"),
            ("Hospital", "your hospital"),
        ] {
            let draft = draft(&template("提醒", &format!("{label}：{{{{thing1.DATA}}}}")));
            assert!(draft.text.contains(word), "{}", draft.text);
        }
    }

    #[test]
    fn what_was_filled_is_a_valid_template_whatever_the_title_says() {
        let draft = draft(&template("\"quoted\"\n[fields]", "预约时间：{{keyword1.DATA}}"));
        let read = Template::parse("x", &draft.text).unwrap();
        assert_eq!((read.template_id(), read.fields().len()), (Some("-ACz"), 1));
    }
}
