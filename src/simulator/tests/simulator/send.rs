//! Sends: what reaches the phone, what is refused, what is a repeat.

use std::time::Duration;

use crate::support::{OPENID, Wechat, body, code, visit, visit_with};
use serde_json::{Value, json};
use wechat_simulator::{DuplicateAnswer, Settings, TEMPLATE_REMINDER};

#[tokio::test]
async fn a_sound_message_reaches_its_phone_with_a_msgid_beyond_a_double() {
    let wechat = Wechat::start().await;
    let mut message = visit_with(OPENID, "MSG_1");
    message["url"] = "https://hospital.example/visit/1".into();
    let answer = wechat.send(&message).await;
    assert_eq!((code(&answer), answer["errmsg"].as_str()), (0, Some("ok")));
    let msgid = answer["msgid"].as_i64().unwrap();
    assert!(msgid > 1 << 53);

    let phones = wechat.simulator().phones();
    let [phone] = phones.as_slice() else { panic!("one phone") };
    let [delivered] = phone.messages.as_slice() else { panic!("one message") };
    assert_eq!((phone.openid.as_str(), delivered.msgid), (OPENID, msgid));
    assert_eq!(delivered.title, "就诊提醒");
    assert_eq!(delivered.client_msg_id.as_deref(), Some("MSG_1"));
    assert_eq!(delivered.url.as_deref(), Some("https://hospital.example/visit/1"));
    let keys: Vec<_> = delivered.data.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["thing1", "time2", "character_string3", "thing4"]);
    assert_eq!(delivered.shown[1], ("就诊时间".to_owned(), "2026年12月1日 15:01".to_owned()));
    assert_eq!(delivered.body, message);
}

#[tokio::test]
async fn an_old_template_is_cut_on_the_phone_not_refused() {
    let wechat = Wechat::start().await;
    let message = json!({
        "touser": OPENID, "template_id": TEMPLATE_REMINDER,
        "data": {
            "first": {"value": "您好"}, "keyword1": {"value": "A1"}, "keyword2": {"value": "2026年12月1日 09:00"},
            "keyword3": {"value": "中国医学科学院北京协和医院东单院区门诊楼三层"}, "remark": {"value": "王医生"},
        },
    });
    assert_eq!(wechat.send_code(&message).await, 0);
    let delivered = wechat.simulator().messages().remove(0);
    assert_eq!(delivered.value("keyword3"), Some("中国医学科学院北京协和医院东单院区门诊楼三层"));
    assert_eq!(delivered.value("remark"), Some("王医生"));
    let shown: Vec<_> =
        delivered.shown.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("预约编号", "A1"),
            ("就诊时间", "2026年12月1日 09:00"),
            ("就诊医院", "中国医学科学院北京协和医院东单院区门诊楼")
        ]
    );
}

#[tokio::test]
async fn each_mistake_has_its_errcode_and_nothing_arrives() {
    let wechat = Wechat::start().await;
    let change = |key: &str, value: Value| {
        let mut message = visit(OPENID);
        message[key] = value;
        message.to_string()
    };
    let mut missing = visit(OPENID);
    missing["data"]["time2"].take();
    let raw = visit(OPENID).to_string();
    for (sent, expected) in [
        (String::new(), 44002),
        ("{".to_owned(), 47001),
        ("[1]".to_owned(), 47001),
        (raw.replace('心', "\\u5fc3"), 47002),
        (change("touser", "o_short".into()), 40003),
        (change("touser", Value::Null), 40003),
        (change("template_id", "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtX".into()), 40037),
        (change("template_id", "".into()), 40036),
        (change("data", Value::Null), 47003),
        (missing.to_string(), 47003),
    ] {
        let request =
            wechat.http.post(wechat.signed("/cgi-bin/message/template/send")).body(sent.clone());
        assert_eq!(code(&body(request).await), expected, "{sent}");
    }
    let errmsg = wechat.send(&missing).await["errmsg"].as_str().unwrap().to_owned();
    let (text, rid) = errmsg.split_once(" rid: ").unwrap();
    assert_eq!(text, "argument invalid! data.time2.value is empty");
    let groups: Vec<_> =
        rid.split('-').map(|group| u32::from_str_radix(group, 16).unwrap()).collect();
    assert!(rid.len() == 26 && groups.len() == 3, "{rid}");
    assert_eq!(code(&wechat.get("/cgi-bin/message/template/send").await), 43002);
    assert!(wechat.simulator().phones().is_empty());
}

#[tokio::test]
async fn a_chunked_request_is_http_412_with_an_empty_body() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let wechat = Wechat::start().await;
    let address = wechat.running.base_url().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = "POST /cgi-bin/stable_token HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
        transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 412 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert_eq!(wechat.simulator().requests().chunked, 1);
}

#[tokio::test]
async fn a_repeat_within_ten_minutes_reaches_the_phone_once() {
    for (setting, expected) in [
        (DuplicateAnswer::SameMsgid, (0, true)),
        (DuplicateAnswer::NewMsgid, (0, false)),
        (DuplicateAnswer::ZeroMsgid, (0, false)),
        (DuplicateAnswer::NoMsgid, (0, false)),
        (DuplicateAnswer::Errcode(40241), (40241, false)),
    ] {
        let wechat = Wechat::with(Settings { duplicates: setting, ..Settings::default() }).await;
        let first = wechat.send(&visit_with(OPENID, "m")).await;
        let repeat = wechat.send(&visit_with(OPENID, "m")).await;
        assert_eq!((code(&repeat), repeat["msgid"] == first["msgid"]), expected, "{setting:?}");
        assert_eq!(wechat.send_code(&visit_with("oInvented_patient_0000000002", "m")).await, 0);
        assert_eq!(
            (wechat.simulator().messages().len(), wechat.simulator().requests().duplicates),
            (2, 1)
        );

        wechat.simulator().advance(Duration::from_secs(599));
        wechat.send(&visit_with(OPENID, "m")).await;
        assert_eq!(wechat.simulator().messages().len(), 2, "still a repeat");
        wechat.simulator().advance(Duration::from_secs(2));
        wechat.send(&visit_with(OPENID, "m")).await;
        assert_eq!(wechat.simulator().messages().len(), 3, "forgotten");
    }
}

#[tokio::test]
async fn the_day_has_a_quota_and_the_next_day_another() {
    let mut wechat = Wechat::with(Settings { daily_quota: 2, ..Settings::default() }).await;
    let asked = json!({ "cgi_path": "/cgi-bin/message/template/send" });
    assert_eq!(wechat.send_code(&visit_with(OPENID, "a")).await, 0);
    let quota = wechat.post("/cgi-bin/openapi/quota/get", &asked).await;
    assert_eq!(quota["quota"], json!({ "daily_limit": 2, "used": 1, "remain": 1 }));
    assert_eq!(wechat.send_code(&visit_with(OPENID, "b")).await, 0);
    assert_eq!(wechat.send_code(&visit_with(OPENID, "c")).await, 45009);
    assert_eq!(wechat.send_code(&visit_with(OPENID, "b")).await, 0, "a repeat costs nothing");
    wechat.simulator().advance(Duration::from_hours(24));
    wechat.token = wechat.stable_token().await;
    assert_eq!(wechat.send_code(&visit_with(OPENID, "c")).await, 0);
}

#[tokio::test]
async fn a_lean_simulator_keeps_keys_but_no_contents() {
    let wechat = Wechat::with(Settings { lean: true, ..Settings::default() }).await;
    wechat.send(&visit_with(OPENID, "a")).await;
    wechat.send(&visit_with(OPENID, "a")).await;
    let delivered = wechat.simulator().messages();
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].client_msg_id.as_deref(), Some("a"));
    assert!(delivered[0].data.is_empty() && delivered[0].body.is_null());
}
