//! What a template's values may be, and what of them a patient sees.
//!
//! Typed keys follow the table of `/cgi-bin/message/template/send`; a value that breaks its rule is
//! answered 47003 naming the first such key. Keys of the old library (`keyword1`) are cut instead.
//! Not known here: which values are registered for a `const` or `enum` key.

use serde_json::Value;

use crate::refusal::Refusal;
use crate::template::Row;
use crate::when;

/// What is left of a value of the old library on the phone, in characters, since 2023-05-04.
const SHOWN: usize = 20;

/// The values by key in the template's order, then those of keys that it lacks; or 47003 for the
/// first that is missing or breaks its rule.
pub(crate) fn check_all(rows: &[Row], data: &Value) -> Result<Vec<(String, String)>, Refusal> {
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        match text(&data[&row.key]) {
            None if row.optional() => {}
            None => return Err(refusal(&row.key, "is empty")),
            Some(value) if fits(&row.key, &value) => values.push((row.key.clone(), value)),
            Some(_) => return Err(refusal(&row.key, "invalid")),
        }
    }
    let others = data.as_object().into_iter().flatten();
    for (key, value) in others.filter(|(key, _)| rows.iter().all(|row| row.key != **key)) {
        values.extend(text(value).map(|value| (key.clone(), value)));
    }
    Ok(values)
}

fn refusal(key: &str, problem: &str) -> Refusal {
    Refusal::new(47003, format!("argument invalid! data.{key}.value {problem}"))
}

/// The text of `{"value": …}`; blank is none. Numbers are taken as they are written.
fn text(field: &Value) -> Option<String> {
    let text = match &field["value"] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Whether a value keeps the rule of its key's type, which is the key without its digits.
fn fits(key: &str, value: &str) -> bool {
    let kind = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let old = kind == "keyword" || kind == "first" || kind == "remark";
    if old {
        return true;
    }
    let length = value.chars().count();
    let all = |rule: fn(char) -> bool| value.chars().all(rule);
    !value.chars().any(char::is_control)
        && match kind {
            "thing" | "const" => length <= 20,
            "character_string" => length <= 32 && !value.chars().any(is_chinese),
            "time" => when::is_time(value),
            "date" => when::is_date(value),
            "amount" => is_amount(value),
            "phone_number" => {
                length <= 17 && !value.chars().any(|c| is_chinese(c) || c.is_alphabetic())
            }
            "car_number" => length <= 8,
            "name" => length <= if value.chars().any(is_chinese) { 10 } else { 20 },
            "number" => length <= 32 && is_decimal(value),
            "letter" => length <= 32 && all(|c| c.is_ascii_alphabetic()),
            "symbol" => length <= 5 && !value.chars().any(|c| is_chinese(c) || c.is_alphanumeric()),
            "phrase" => length <= 5 && all(is_han),
            // `enum`, `short_thing` and types nobody documented.
            _ => true,
        }
}

/// Han characters and the full-width signs that go with them.
fn is_chinese(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}')
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// At most one currency sign, then at most ten digits with an optional fraction, then perhaps 元.
fn is_amount(value: &str) -> bool {
    let value = value.strip_suffix('元').unwrap_or(value);
    let number = value.trim_start_matches(|c: char| !c.is_ascii_digit());
    let sign = value.strip_suffix(number).unwrap_or_default();
    sign.chars().count() <= 1
        && is_decimal(number)
        && number.chars().filter(char::is_ascii_digit).count() <= 10
}

fn is_decimal(value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match value.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(value),
    }
}

/// The rows of the card: labels with values, without header and footer.
pub(crate) fn shown(rows: &[Row], values: &[(String, String)]) -> Vec<(String, String)> {
    let row = |row: &Row| {
        let value =
            values.iter().find(|(key, _)| *key == row.key).map_or("", |(_, value)| value.as_str());
        (row.label.clone(), visible(&row.key, value))
    };
    rows.iter().filter(|row| row.shown()).map(row).collect()
}

/// What a phone shows of a value: no emoji, and of the old library's one line of 20 characters.
fn visible(key: &str, value: &str) -> String {
    let plain = value.chars().filter(|c| !is_emoji(*c));
    if key.starts_with("keyword") {
        plain.take_while(|c| *c != '\n' && *c != '\r').take(SHOWN).collect()
    } else {
        plain.collect()
    }
}

/// Pictures, and the joiners and selectors that belong to them; not the rarer Han characters,
/// which names are written with.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{fe0f}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::rows;
    use serde_json::json;

    #[test]
    fn each_type_of_key_keeps_its_rule() {
        for (key, good, bad) in [
            ("thing1", "心".repeat(20), "心".repeat(21)),
            ("thing1", "A room, 3F".to_owned(), "two\nlines".to_owned()),
            ("character_string3", "RX-2026#A".to_owned(), "RX大礼堂".to_owned()),
            ("character_string3", "x".repeat(32), "x".repeat(33)),
            ("time2", "2026年12月1日 15:01".to_owned(), "1764572460000".to_owned()),
            ("date2", "2018-01".to_owned(), "soon".to_owned()),
            ("amount1", "￥100.21".to_owned(), "￥￥1".to_owned()),
            ("amount1", "410.67元".to_owned(), "12345678901".to_owned()),
            ("phone_number1", "+86-0766-66888866".to_owned(), "+86-0766-668888661".to_owned()),
            ("car_number1", "粤A8Z888挂".to_owned(), "粤A8Z888挂挂".to_owned()),
            ("name1", "张三".to_owned(), "张三丰张三丰张三丰张三".to_owned()),
            ("name1", "Anna Maria Schneider".to_owned(), "Anna Maria Schneiders".to_owned()),
            ("number1", "42.5".to_owned(), "4.2.5".to_owned()),
            ("letter1", "ABC".to_owned(), "A1".to_owned()),
            ("symbol1", "#+*".to_owned(), "a".to_owned()),
            ("phrase1", "配送中".to_owned(), "配送A".to_owned()),
            ("const1", "已预约".to_owned(), "已".repeat(21)),
        ] {
            assert!(fits(key, &good), "{key} {good}");
            assert!(!fits(key, &bad), "{key} {bad}");
        }
        assert!(fits("keyword1", &"长".repeat(99)) && fits("short_thing1", &"长".repeat(99)));
    }

    #[test]
    fn the_first_offending_key_alone_is_named_in_wechats_words() {
        let rows = rows("科室：{{thing1.DATA}}\n单号：{{character_string2.DATA}}\n{{remark.DATA}}");
        let text = |data: Value| check_all(&rows, &data).unwrap_err().body("RID").to_string();
        let empty =
            r#"{"errcode":47003,"errmsg":"argument invalid! data.thing1.value is empty rid: RID"}"#;
        for data in [
            json!({}),
            json!(null),
            json!({"thing1": "x"}),
            json!({"thing1.DATA": {"value": "x"}}),
            json!({"thing1": {"value": " "}}),
        ] {
            assert_eq!(text(data), empty);
        }
        let both_wrong =
            json!({"thing1": {"value": "心".repeat(21)}, "character_string2": {"value": "中"}});
        assert!(text(both_wrong).contains("data.thing1.value invalid rid"));
    }

    #[test]
    fn the_phone_cuts_old_values_and_shows_neither_header_nor_emoji() {
        let rows = rows(
            "{{first.DATA}}\n医院：{{keyword1.DATA}}\n医生：{{keyword2.DATA}}\n科室：{{thing3.DATA}}",
        );
        let data = json!({
            "first": {"value": "您好"}, "keyword1": {"value": "院".repeat(25)},
            "keyword2": {"value": "王医生😀\n二楼"}, "thing3": {"value": "𠮷田科"}, "more": {"value": 7},
        });
        let values = check_all(&rows, &data).unwrap();
        assert_eq!(values.last().unwrap(), &("more".to_owned(), "7".to_owned()));
        let seen = shown(&rows, &values);
        let pair = |label: &str, text: &str| (label.to_owned(), text.to_owned());
        assert_eq!(
            seen,
            [pair("医院", &"院".repeat(20)), pair("医生", "王医生"), pair("科室", "𠮷田科")]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_judged_without_a_panic(
            kind in "(thing|time|date|amount|phone_number|name|number|symbol|phrase|keyword)1", value: String,
        ) {
            let _ = fits(&kind, &value);
            proptest::prop_assert!(visible("keyword1", &value).chars().count() <= SHOWN);
        }
    }
}
