//! A message is whole when it is built, and goes to text and back unchanged.

use proptest::prelude::*;

use super::*;

const OPENID: &str = "oSample-openid-0000000000001";
const TEMPLATE: &str = "-ACzc2k2b4BngqIpbwh8bUfcSsECmogfXcV14J0tQlE";

fn whole() -> MessageBuilder {
    TemplateMessage::builder(OPENID, TEMPLATE)
        .field("thing1", "心内科")
        .field("time2", "2026年12月1日 15:01")
}

#[test]
fn it_serialises_to_the_wire_json_and_back() {
    let message = whole()
        .url("https://hospital.example/appt/123")
        .miniprogram("wx0123456789abcdef", "index?foo=bar")
        .client_msg_id("MSG_000001")
        .build()
        .unwrap();
    let text = serde_json::to_string(&message).unwrap();
    let expected = r#"{"touser":"OPENID","template_id":"TEMPLATE","url":"https://hospital.example/appt/123","miniprogram":{"appid":"wx0123456789abcdef","pagepath":"index?foo=bar"},"client_msg_id":"MSG_000001","data":{"thing1":{"value":"心内科"},"time2":{"value":"2026年12月1日 15:01"}}}"#;
    assert_eq!(text, expected.replace("OPENID", OPENID).replacen("TEMPLATE", TEMPLATE, 1));
    assert_eq!(serde_json::from_str::<TemplateMessage>(&text).unwrap(), message);
    assert_eq!(
        message.fields().collect::<Vec<_>>(),
        [("thing1", "心内科"), ("time2", "2026年12月1日 15:01")]
    );
    assert_eq!(
        (message.openid(), message.template_id(), message.client_msg_id()),
        (OPENID, TEMPLATE, Some("MSG_000001"))
    );
}

#[test]
fn what_is_not_given_is_not_sent() {
    let text = serde_json::to_string(&whole().build().unwrap()).unwrap();
    assert!(
        !text.contains("url") && !text.contains("miniprogram") && !text.contains("client_msg_id")
    );
}

#[test]
fn a_layout_asks_for_all_its_keys_and_no_other_but_the_unshown() {
    assert!(whole().required(["thing1", "time2"]).field("first", "您好").build().is_ok());
    let missing = whole().required(["thing1", "time2", "thing3"]).build();
    assert_eq!(missing.unwrap_err(), MessageError::Missing { key: "thing3".to_owned() });
    let unknown = whole().required(["thing1"]).build();
    assert_eq!(unknown.unwrap_err(), MessageError::UnknownKey { key: "time2".to_owned() });
}

#[test]
fn each_fault_of_shape_has_its_own_error() {
    let builder = TemplateMessage::builder;
    assert_eq!(builder("", TEMPLATE).build().unwrap_err(), MessageError::NoOpenid);
    assert_eq!(builder("o 1", TEMPLATE).build().unwrap_err(), MessageError::BadOpenid);
    assert_eq!(builder(OPENID, "").build().unwrap_err(), MessageError::NoTemplateId);
    assert_eq!(builder(OPENID, "abc\n").build().unwrap_err(), MessageError::BadTemplateId);
    assert_eq!(builder(OPENID, TEMPLATE).build().unwrap_err(), MessageError::NoField);
    assert_eq!(
        whole().field("thing1", "x").build().unwrap_err(),
        MessageError::Twice { key: "thing1".to_owned() }
    );
    assert_eq!(
        whole().field("a.DATA", "x").build().unwrap_err(),
        MessageError::BadKey { key: "a.DATA".to_owned() }
    );
    assert_eq!(whole().miniprogram("", "x").build().unwrap_err(), MessageError::MiniProgram);
    for url in ["", "hospital.example", "javascript:alert(1)", "https://", "https://a b"] {
        assert_eq!(whole().url(url).build().unwrap_err(), MessageError::Url, "{url}");
    }
    for id in ["", "a b", "医", &"x".repeat(33)] {
        assert_eq!(
            whole().client_msg_id(id).build().unwrap_err(),
            MessageError::ClientMsgId,
            "{id}"
        );
    }
}

#[test]
fn debug_and_errors_show_neither_values_nor_the_openid() {
    let builder = whole().field("name3", "Zhang San");
    let message = builder.clone().build().unwrap();
    let error = builder.field("phrase4", "Zhang San").build().unwrap_err();
    let shown = format!("{message:?} {error:?} {error} {:?}", whole());
    assert!(
        !shown.contains(OPENID) && !shown.contains("Zhang") && !shown.contains("心内科"),
        "{shown}"
    );
}

#[test]
fn a_raised_keyword_is_built() {
    let long = "一二三四五六七八九十一二三四五六七八九十一";
    assert!(whole().field("keyword1", long).build().is_err());
    assert!(whole().field("keyword1", long).max("keyword1", 30).build().is_ok());
}

proptest! {
    #[test]
    fn nothing_makes_building_panic_and_what_is_built_survives_text(
        openid in "[^\\\\\\p{C}]{0,30}", template in "[-_A-Za-z0-9]{0,43}", key in "[a-z_]{0,8}[0-9]{0,2}", value in "[^\\\\\\p{C}]{0,24}", id in "[A-Za-z0-9_-]{0,34}",
    ) {
        if let Ok(message) = TemplateMessage::builder(openid, template).field(key, value).client_msg_id(id).build() {
            let text = serde_json::to_string(&message).unwrap();
            prop_assert!(!text.contains("\\u"), "raw UTF-8");
            prop_assert_eq!(serde_json::from_str::<TemplateMessage>(&text).unwrap(), message);
        }
    }
}

#[test]
fn a_colour_goes_along_and_must_be_one() {
    let message = whole().colored_field("thing3", "x", "#1731Ff").build().unwrap();
    let text = serde_json::to_string(&message).unwrap();
    assert!(text.contains(r##""thing3":{"value":"x","color":"#1731Ff"}"##), "{text}");
    assert_eq!(serde_json::from_str::<TemplateMessage>(&text).unwrap(), message);
    for color in ["", "red", "#12345", "1234567", "#12345g"] {
        let refused = whole().colored_field("thing3", "x", color).build();
        assert_eq!(refused, Err(MessageError::Color { key: "thing3".to_owned() }), "{color}");
    }
}
