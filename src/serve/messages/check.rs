//! From a caller's body to a message that may be queued: WeChat's rules, and those of the template where it is known.

use jiff::{SignedDuration, Timestamp};
use wechat::{MessageError, TemplateMessage};

use super::body::Body;
use crate::domain::key::{Key, mark};
use crate::domain::message::{Kind, Message};
use crate::ledger::Asked;
use crate::serve::error::Invalid;

/// After so long a message is not sent any more: by then it may say what is no longer so.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What a template of the account asks for, as its local file says.
#[derive(Clone, Debug)]
pub struct Layout {
    /// WeChat's id of the template.
    pub template_id: String,
    /// Its keys.
    pub keys: Vec<String>,
    /// How many characters a key may have where that is not WeChat's own limit.
    pub max: Vec<(String, usize)>,
}

/// The message that the body asks for.
pub(super) fn check(
    body: Body,
    layouts: &[Layout],
    account: &str,
    asked_by: &str,
    now: Timestamp,
) -> Result<Asked, Invalid> {
    let Body { touser, template_id, url, client_msg_id, data } = body;
    let mut builder = TemplateMessage::builder(touser.as_str(), template_id.as_str())
        .client_msg_id(client_msg_id.as_str());
    if let Some(url) = url {
        builder = builder.url(url);
    }
    if let Some(layout) = layouts.iter().find(|layout| layout.template_id == template_id) {
        builder = builder.required(layout.keys.iter().cloned());
        for (key, characters) in &layout.max {
            builder = builder.max(key.as_str(), *characters);
        }
    }
    for (key, field) in data {
        builder = match field.color {
            Some(color) => builder.colored_field(key, field.value, color),
            None => builder.field(key, field.value),
        };
    }
    let message = builder.build().map_err(|error| invalid(&error))?;
    let content = serde_json::to_string(&message)
        .map_err(|_| Invalid::syntax("the message cannot be written as JSON".to_owned()))?;
    let message = Message {
        key: Key::connector(account, &touser, &client_msg_id),
        kind: Kind::Connector,
        stage: None,
        copy: 0,
        openid: touser.into(),
        patient_id: None,
        appointment_id: None,
        start: None,
        visit_at: None,
        not_after: now.checked_add(FRESH).ok(),
        // Apart from the local templates: a caller's mistakes do not stop the hospital's own.
        template: template_id.as_str().into(),
        template_id: template_id.into(),
        content_hash: mark("connector", &[&content]),
        content: content.into(),
        reference: None,
    };
    Ok(Asked { message, client_msg_id: client_msg_id.into(), asked_by: asked_by.into() })
}

/// Where in the body the fault is, and what it is.
fn invalid(error: &MessageError) -> Invalid {
    let key = |key: &str| format!("data.{key}");
    let field = match error {
        MessageError::NoOpenid | MessageError::BadOpenid => "touser".to_owned(),
        MessageError::NoTemplateId | MessageError::BadTemplateId => "template_id".to_owned(),
        MessageError::ClientMsgId => "client_msg_id".to_owned(),
        MessageError::Url => "url".to_owned(),
        MessageError::BadKey { key: one }
        | MessageError::Twice { key: one }
        | MessageError::Missing { key: one }
        | MessageError::UnknownKey { key: one } => key(one),
        MessageError::Color { key: one } => format!("data.{one}.color"),
        MessageError::Field(fault) => format!("data.{}.value", fault.key),
        _ => "data".to_owned(),
    };
    Invalid::whole(field, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> String {
        let layouts = [Layout {
            template_id: "known".to_owned(),
            keys: vec!["thing1".to_owned(), "keyword2".to_owned()],
            max: vec![("keyword2".to_owned(), 5)],
        }];
        let body = Body::read(body.as_bytes()).ok().unwrap();
        match check(body, &layouts, "wx1", "flow", Timestamp::UNIX_EPOCH) {
            Ok(asked) => asked.message.content.to_string(),
            Err(invalid) => format!("{}: {}", invalid.field.unwrap_or_default(), invalid.what),
        }
    }

    fn body(template: &str, id: &str, more: &str, data: &str) -> String {
        format!(
            r#"{{"touser":"oA","template_id":"{template}","client_msg_id":"{id}"{more},"data":{{{data}}}}}"#
        )
    }

    #[test]
    fn a_body_is_held_against_wechats_rules_and_the_templates_own() {
        let thing = r#""thing1":{"value":"协和医院"}"#;
        let both = format!(r##"{thing},"keyword2":{{"value":"12345","color":"#1731FF"}}"##);
        let long = "x".repeat(33);
        insta::assert_snapshot!([
            told(&body("known", "1", "", &both)),
            told(&body("other", "1", r#","url":"https://a.example/b""#, thing)),
            told(&body("known", "1", "", thing)),
            told(&body("known", "1", "", &both.replace("12345", "123456"))),
            told(&body("known", "1", "", &both.replace("#1731FF", "red"))),
            told(&body("known", "1", "", &both.replace("keyword2", "keyword3"))),
            told(&body("other", &long, "", thing)),
            told(&body("other", "é", "", thing)),
            told(&body("other", "1", r#","url":"javascript:alert(1)""#, thing)),
            told(&body("other", "1", "", &thing.replace("协和医院", "")).replace(r#""""#, r#"" ""#)),
            told(&body("other", "1", "", &thing.replace("thing1", "thing1.DATA"))),
            told(&body("other", "1", "", &format!("{thing},{thing}"))),
            told(&body("other", "1", "", "")),
            told(&body("other", "1", "", thing).replace("oA", "o A")),
        ]
        .join("\n"), @r###"
        {"touser":"oA","template_id":"known","client_msg_id":"1","data":{"keyword2":{"value":"12345","color":"#1731FF"},"thing1":{"value":"协和医院"}}}
        {"touser":"oA","template_id":"other","url":"https://a.example/b","client_msg_id":"1","data":{"thing1":{"value":"协和医院"}}}
        data.keyword2: keyword2 is missing: the template asks for it
        data.keyword2.value: keyword2: 6 characters are too long, 5 fit
        data.keyword2.color: the color of keyword2 must be # and six hexadecimal digits
        data.keyword3: keyword3 is not a key of the template
        client_msg_id: the client_msg_id must be 1 to 32 letters, digits, `_` or `-`
        client_msg_id: the client_msg_id must be 1 to 32 letters, digits, `_` or `-`
        url: the link must begin with https:// or http:// and have no spaces
        data.thing1.value: thing1: it is empty
        data.thing1.DATA: "thing1.DATA" is not a key: use letters, digits and `_`, without `.DATA`
        data.thing1: thing1 is given twice
        data: the message has no field
        touser: the openid has a space or control character in it
        "###);
    }

    #[test]
    fn the_same_words_in_another_order_are_the_same_message_and_a_day_later_it_is_stale() {
        let hash = |body: &str| {
            let body = Body::read(body.as_bytes()).ok().unwrap();
            check(body, &[], "wx1", "flow", Timestamp::UNIX_EPOCH).ok().unwrap().message
        };
        let one = r#"{"touser":"o","template_id":"t","client_msg_id":"1","data":{"thing1":{"value":"a"},"thing2":{"value":"b"}}}"#;
        let other = r#"{"data":{"thing2":{"value":"b","color":""},"thing1":{"value":"a"}},"url":null,"client_msg_id":"1","template_id":"t","touser":"o"}"#;
        assert_eq!(hash(one), hash(other));
        assert_eq!(hash(one).not_after, Timestamp::from_second(86400).ok());
        assert_ne!(hash(one).content_hash, hash(&one.replace(r#""a""#, r#""c""#)).content_hash);
    }
}
