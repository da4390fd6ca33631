//! Message templates: the account's list, and what a template's text says about its fields.

use serde::Serialize;

/// The id of the default reminder of the old industry library: `first`, `keyword1` to `keyword3`, `remark`.
pub const TEMPLATE_REMINDER: &str = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY";
/// The id of the default prescription notice of the old industry library, with the same keys.
pub const TEMPLATE_PRESCRIPTION: &str = "-ACzc2k2b4BvS1mPrescr1pt10nOld_L1braryX0043";
/// The id of the default reminder of the category library, with typed keys.
pub const TEMPLATE_VISIT: &str = "Doclyl5uP7Aciu-qZ7mJNPtWkbkYnWBWVja26EGbNyk";
/// The id of the default prescription notice of the category library, with typed keys.
pub const TEMPLATE_E_PRESCRIPTION: &str = "_nWTzj1_8-E1ectr0n1cPrescr1pt10nTypedKeys43";

/// One template of the account, as `/cgi-bin/template/get_all_private_template` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Template {
    /// 43 characters of `A-Z a-z 0-9 _ -`; it may begin with `-`.
    pub template_id: String,
    /// The card's heading.
    pub title: String,
    /// The industry of a template of the old library, else empty.
    pub primary_industry: String,
    /// The second industry of a template of the old library, else empty.
    pub deputy_industry: String,
    /// Lines such as `就诊时间：{{time2.DATA}}`.
    pub content: String,
    /// The same lines, filled.
    pub example: String,
}

/// One variable of a template's text with the words before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// `就诊时间`; empty for a line that is one bare variable, which WeChat has not shown since 2023.
    pub(crate) label: String,
    /// `time2`
    pub(crate) key: String,
}

impl Row {
    /// The old header and footer may be left out, and are dropped when sent.
    pub(crate) fn optional(&self) -> bool {
        matches!(self.key.as_str(), "first" | "remark")
    }

    /// Whether the patient sees it.
    pub(crate) fn shown(&self) -> bool {
        !self.label.is_empty() && !self.optional()
    }
}

/// A template with its rows, read once.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) template: Template,
    pub(crate) rows: Vec<Row>,
}

impl From<Template> for Listed {
    fn from(template: Template) -> Self {
        Self { rows: rows(&template.content), template }
    }
}

/// The variables of a template's text, in order.
pub(crate) fn rows(content: &str) -> Vec<Row> {
    content.lines().flat_map(rows_of_line).collect()
}

fn rows_of_line(line: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, left)) = after.split_once("}}") else { break };
        let label = before.trim_matches(|c: char| c.is_whitespace() || c == '：' || c == ':');
        if let Some(key) = inside.trim().strip_suffix(".DATA") {
            rows.push(Row { label: label.to_owned(), key: key.to_owned() });
        }
        rest = left;
    }
    rows
}

/// The templates of the default account: two of the old library, two of the category library.
pub(crate) fn default_templates() -> Vec<Template> {
    vec![
        industry(
            TEMPLATE_REMINDER,
            "就诊提醒",
            "{{first.DATA}}\n预约编号：{{keyword1.DATA}}\n就诊时间：{{keyword2.DATA}}\n就诊医院：{{keyword3.DATA}}\n{{remark.DATA}}",
            "您好，您有一个就诊预约\n预约编号：A20261201007\n就诊时间：2026年12月1日 09:00\n就诊医院：协和医院\n接诊医生：王医生",
        ),
        industry(
            TEMPLATE_PRESCRIPTION,
            "电子处方通知",
            "{{first.DATA}}\n处方编号：{{keyword1.DATA}}\n开具时间：{{keyword2.DATA}}\n开具医院：{{keyword3.DATA}}\n{{remark.DATA}}",
            "您好，您的电子处方已开具\n处方编号：RX20261201A0007\n开具时间：2026年12月1日 15:01\n开具医院：协和医院\n请凭编号到药房取药",
        ),
        category(
            TEMPLATE_VISIT,
            "就诊提醒",
            "就诊科室：{{thing1.DATA}}\n就诊时间：{{time2.DATA}}\n预约单号：{{character_string3.DATA}}\n就诊地点：{{thing4.DATA}}",
            "就诊科室：心内科\n就诊时间：2026年12月1日 15:01\n预约单号：A20261201007\n就诊地点：协和医院门诊楼三层",
        ),
        category(
            TEMPLATE_E_PRESCRIPTION,
            "电子处方开具通知",
            "处方编号：{{character_string1.DATA}}\n开方医院：{{thing2.DATA}}\n有效期至：{{time3.DATA}}",
            "处方编号：RX20261201A0007\n开方医院：协和医院\n有效期至：2026年12月4日 23:59",
        ),
    ]
}

fn industry(id: &str, title: &str, content: &str, example: &str) -> Template {
    Template {
        primary_industry: "医药护理".to_owned(),
        deputy_industry: "医药医疗".to_owned(),
        ..category(id, title, content, example)
    }
}

pub(crate) fn category(id: &str, title: &str, content: &str, example: &str) -> Template {
    Template {
        template_id: id.to_owned(),
        title: title.to_owned(),
        primary_industry: String::new(),
        deputy_industry: String::new(),
        content: content.to_owned(),
        example: example.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_id_is_a_real_looking_template_id_and_one_begins_with_a_dash() {
        let templates = default_templates();
        for template in &templates {
            assert_eq!(template.template_id.len(), 43, "{}", template.template_id);
            assert!(
                template
                    .template_id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            );
        }
        assert!(templates.iter().any(|template| template.template_id.starts_with('-')));
    }

    #[test]
    fn a_bare_variable_has_no_label_and_is_not_shown() {
        let rows = rows("{{first.DATA}}\n就诊时间：{{ time2.DATA }}\n无变量\n{{thing3.DATA}}");
        let seen: Vec<_> =
            rows.iter().map(|row| (row.label.as_str(), row.key.as_str(), row.shown())).collect();
        assert_eq!(
            seen,
            [("", "first", false), ("就诊时间", "time2", true), ("", "thing3", false)]
        );
    }
}
