//! The published vectors, the traps of both codecs, and that no push makes it panic.

use proptest::prelude::*;
use secrecy::SecretString;

use super::*;

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn callback(app_id: &str, token: &str, key: Option<&str>) -> Callback {
    let key = key.map(SecretString::from);
    Callback::new(app_id, SecretString::from(token), key.as_ref()).unwrap()
}

/// The account of the official page.
fn official() -> Callback {
    callback("wxba5fad812f8e6fb9", "AAAAA", Some(&"A".repeat(43)))
}

/// The account of WxJava's tests.
fn pamtest() -> Callback {
    callback("wxb11529c136998cb6", "pamtest", Some(LETTERS))
}

fn query(timestamp: &str, nonce: &str) -> Query {
    Query { timestamp: timestamp.into(), nonce: nonce.into(), ..Query::default() }
}

const V1: &str = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
const V1_MESSAGE: &str = r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}"#;
const V1_REPLY: &str =
    "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==";
const V2: &str =
    "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==";
const V3_MESSAGE: &str = "<xml><ToUserName><![CDATA[gh_7f083739789a]]></ToUserName><FromUserName><![CDATA[oia2TjuEGTNoeX76QEjQNrcURxG8]]></FromUserName><CreateTime>1395658920</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>200163836</MsgID><Status><![CDATA[success]]></Status></xml>";
const V3: &str = "jn1L23DB+6ELqJ+6bruv25fADhR7Wn0u/Fg/pE6eN6pU82Kn45S9IKfkg/+Yeu/PbAU2e7bBlI1qWEboiotDUtawjkPuQWy7QGuK1QJOWgX9ei/Rh14DpRWFdxRyRVjo1KNNJq8mnSnHxdyeFPcg74h/TL+vRCOVKchT9g2RbeZpTYDNPprnFezVJ3LpZIBTDQSX+L5/0o6S22sBKg2QnCm59eKu7zDWxTg15mUry3leBHqNMvwytMAojBoGUQiuZ9hGxdp5a7137z9wagVHz2vUCSlte1gMYm7/BctBZnRWkm7WNeUmHfV2qS3KtDcvlFWV3dN7kYV2UfSaSoD3kuAxNj40Uxw/t6pv5o+B+88g7GxVmF3wBLk36zQiO/br0Z91iNPhBTVmqP8JrqFhbPdiALRyWaWgG4dOslRehmUPlDJb0n01vYwZ3hVimOMbu6mGkQRaahoiJISGlA8PTA==";
/// Tencent's sample for the sister product, with the same algorithm.
const V4: &str = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==";

#[test]
fn v1_the_official_page_of_pushes() {
    let callback = official();
    assert_eq!(
        callback.sign("1714036504", "1514711492", None),
        "f464b24fc39322e44b38aa78f5edd27bd1441696"
    );
    assert_eq!(
        callback.sign("1714037059", "486452656", None),
        "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    );
    assert_eq!(
        callback.sign("1714112445", "415670741", None),
        "6c5c811b55cc85e0e1b54100749188c20beb3f5d"
    );
    assert_eq!(
        callback.sign("1714112445", "415670741", Some(V1)),
        "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    );
    assert_eq!(callback.decrypt(V1).unwrap(), V1_MESSAGE.as_bytes());
    assert_eq!(callback.encrypt(*b"a8eedb185eb2fecf", V1_MESSAGE.as_bytes()).unwrap(), V1);
    let reply = callback.encrypt(*b"707722b803182950", br#"{"demo_resp":"good luck"}"#).unwrap();
    assert_eq!(reply, V1_REPLY);
    assert_eq!(
        callback.sign("1713424427", "415670741", Some(&reply)),
        "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    );
    let query = Query {
        msg_signature: "046E02F8204D34F8BA5FA3B1DB94908F3DF2E9B3".into(),
        ..query("1714112445", "415670741")
    };
    let body = format!(r#"{{"ToUserName":"gh_97417a04a28d","Encrypt":"{V1}"}}"#);
    let event = callback.open(&query, body.as_bytes()).unwrap();
    assert_eq!((event.create_time, event.what), (1_714_112_445, What::Other));
}

#[test]
fn v2_chinese_text() {
    let callback = pamtest();
    let text = "我是中文abcd123".as_bytes();
    assert_eq!(callback.encrypt(*b"aaaabbbbccccdddd", text).unwrap(), V2);
    assert_eq!(callback.decrypt(V2).unwrap(), text);
    assert_eq!(
        callback.sign("1409304348", "xxxxxx", Some(V2)),
        "82c962d39941aa48552f90ef55aa323dc620cc10"
    );
}

#[test]
fn v3_a_receipt_in_safe_compatible_and_plain_mode() {
    let receipt = Event {
        openid: "oia2TjuEGTNoeX76QEjQNrcURxG8".into(),
        create_time: 1_395_658_920,
        what: What::Receipt { msgid: Some(200_163_836), status: Status::Success },
    };
    let callback = pamtest();
    assert_eq!(callback.encrypt(*b"aaaabbbbccccdddd", V3_MESSAGE.as_bytes()).unwrap(), V3);
    let query = Query {
        signature: "76480565cbe296026c53aaacd1ad523a1ddba24f".into(),
        msg_signature: "876136dff7f0b362b82d69187c73c68b3ac3077a".into(),
        ..query("1409304348", "xxxxxx")
    };
    let safe = format!(
        "<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[{V3}]]></Encrypt></xml>"
    );
    assert_eq!(callback.open(&query, safe.as_bytes()).unwrap(), receipt);
    // What stands in plain beside it does not count: it may be anybody's.
    let forged = V3_MESSAGE.replace("success", "failed:user block");
    let compatible = forged.replace("</xml>", &format!("<Encrypt>{V3}</Encrypt></xml>"));
    assert_eq!(callback.open(&query, compatible.as_bytes()).unwrap(), receipt);
    assert_eq!(callback.open(&query, V3_MESSAGE.as_bytes()), Err(CallbackError::NotEncrypted));

    let keyless = self::callback("wxb11529c136998cb6", "pamtest", None);
    assert_eq!(keyless.open(&query, V3_MESSAGE.as_bytes()).unwrap(), receipt);
    assert!(matches!(
        keyless.open(&query, compatible.as_bytes()).unwrap().what,
        What::Receipt { status: Status::UserBlock, .. }
    ));
    assert_eq!(keyless.open(&query, safe.as_bytes()), Err(CallbackError::NoKey));
}

#[test]
fn v4_a_padding_of_thirty() {
    let callback = callback(
        "wx5823bf96d3bd56c7",
        "QDG6eK",
        Some("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"),
    );
    assert_eq!(
        callback.sign("1409659813", "1372623149", Some(V4)),
        "477715d11cdb4164915debcba66cb864d751f3e6"
    );
    assert_eq!(callback.decrypt(V4).unwrap().len(), 284);
}

#[test]
fn v5_parts_are_sorted_by_their_bytes() {
    let signed = callback("wx", "test", None).sign("1410685589", "test", None);
    assert_eq!(signed, "f21891de399b4e33a1a93c9a7b8a8fffb5a443ff");
    let two = signature::hex(&signature::digest(&["123", "345"]));
    assert_eq!(two, "9f537aeb751ec72605f57f94a2f6dc3e3958e1dd");
}

#[test]
fn the_check_of_the_url_is_answered_only_with_the_right_signature() {
    let callback = official();
    let right = Query {
        signature: "f464b24fc39322e44b38aa78f5edd27bd1441696".into(),
        echostr: "4375120948345356249".into(),
        ..query("1714036504", "1514711492")
    };
    assert_eq!(callback.handshake(&right), Ok("4375120948345356249"));
    for wrong in [
        Query { signature: String::new(), ..right.clone() },
        Query { signature: "ü".repeat(20), ..right.clone() },
        Query { signature: right.signature.replace('f', "0"), ..right.clone() },
        Query { nonce: "1514711493".into(), ..right.clone() },
    ] {
        assert_eq!(callback.handshake(&wrong), Err(CallbackError::Signature));
    }
    let page = Query { echostr: "<script> alert(1)".into(), ..right };
    assert!(callback.handshake(&page).is_err());
}

#[test]
fn a_push_that_is_not_for_this_account_or_damaged_is_refused() {
    let stranger = callback("wx0000000000000000", "pamtest", Some(LETTERS));
    assert_eq!(stranger.decrypt(V3), Err(CallbackError::OtherAccount));
    let other_key = callback("wxb11529c136998cb6", "pamtest", Some(&LETTERS.replace('a', "b")));
    assert_eq!(other_key.decrypt(V3), Err(CallbackError::Garbled));
    for damaged in ["", "====", "AAAA", &V3[4..], &V3[..V3.len() - 24]] {
        assert_eq!(pamtest().decrypt(damaged), Err(CallbackError::Garbled), "{damaged}");
    }
}

#[test]
fn what_the_console_would_not_take_is_refused() {
    let build = |token: &str, key: &str| {
        Callback::new("wx", SecretString::from(token), Some(&SecretString::from(key))).map(drop)
    };
    for token in ["", "ab", "with space", &"a".repeat(33)] {
        assert_eq!(build(token, LETTERS), Err(CallbackError::Token));
    }
    for key in ["", "short", &"A".repeat(44), &"*".repeat(43)] {
        assert_eq!(build("token", key), Err(CallbackError::Key));
    }
}

fn read(body: &str) -> Result<Event, CallbackError> {
    Event::of(&Fields::read(body.as_bytes())?)
}

fn status(word: &str) -> Status {
    let What::Receipt { status, .. } = read(&V3_MESSAGE.replace("success", word)).unwrap().what
    else {
        panic!("no receipt")
    };
    status
}

#[test]
fn every_status_is_known_or_kept_as_it_is() {
    assert_eq!(status("success"), Status::Success);
    assert_eq!(status("failed:user block"), Status::UserBlock);
    assert_eq!(status("failed: system failed"), Status::SystemFailed);
    assert_eq!(status("failed:freq limit"), Status::FreqLimit);
    assert_eq!(status("failed: moon phase"), Status::Other("moon phase".into()));
    assert_eq!(status("delayed"), Status::Other("delayed".into()));
    assert_eq!(status(&"x".repeat(1000)), Status::Other("x".repeat(64)));
}

#[test]
fn the_message_id_has_two_spellings_and_two_types_and_zero_is_none() {
    let msgid = |body: &str| match read(body).unwrap().what {
        What::Receipt { msgid, .. } => msgid,
        other => panic!("{other:?}"),
    };
    assert_eq!(msgid(&V3_MESSAGE.replace("MsgID", "MsgId")), Some(200_163_836));
    assert_eq!(msgid(&V3_MESSAGE.replace("200163836", "0")), None);
    assert_eq!(msgid(&V3_MESSAGE.replace("<MsgID>200163836</MsgID>", "")), None);
    let json = |id: &str| {
        format!(
            r#"{{"FromUserName":"o","CreateTime":1395658920,"MsgType":"event","Event":"TEMPLATESENDJOBFINISH","MsgID":{id},"Status":"success"}}"#
        )
    };
    assert_eq!(msgid(&json("3717005636572528642")), Some(3_717_005_636_572_528_642));
    assert_eq!(msgid(&json("\"3717005636572528642\"")), Some(3_717_005_636_572_528_642));
    assert_eq!(msgid(&json("3.717005636572528642e18")), None);
}

#[test]
fn who_follows_and_who_no_longer_does() {
    let event = |name: &str| read(&V3_MESSAGE.replace("TEMPLATESENDJOBFINISH", name)).unwrap().what;
    assert_eq!(event("subscribe"), What::Subscribe);
    assert_eq!(event("unsubscribe"), What::Unsubscribe);
    assert_eq!(event("VIEW"), What::Other);
    // A patient may write the word, too.
    let text = "<xml><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>unsubscribe</Content><Event>unsubscribe</Event></xml>";
    assert_eq!(read(text).unwrap().what, What::Other);
}

#[test]
fn xml_is_read_without_its_dangers() {
    let fields = |body: &str| Fields::read(body.as_bytes());
    let mild = fields(
        "<xml><a>1 &lt; 2 &amp; &#20013;</a><b><![CDATA[<x>]]></b><c/><d><e>deep</e></d></xml>",
    )
    .unwrap();
    assert_eq!(mild.get("a"), Some("1 < 2 & 中"));
    assert_eq!((mild.get("b"), mild.get("c"), mild.get("e")), (Some("<x>"), None, None));
    let laughs =
        "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY l2 \"&lol;&lol;\">]><xml><a>&l2;</a></xml>";
    assert!(fields(laughs).is_err());
    for wrong in [
        "<xml><a>&unknown;</a></xml>",
        "<xml><a>1</a>",
        "<xml><a>1</b></xml>",
        "<xml></xml><xml></xml>",
        "<xml><a>1</a></xml> and more",
        "<xml><a>1</a></xml><![CDATA[more]]>",
        "<xml><a>1</a></xml>&amp;",
        "<xml><a>1</a><a>2</a></xml>",
        "<<<",
        "",
        "hello",
        "[1]",
    ] {
        assert!(fields(wrong).is_err(), "{wrong}");
    }
    let deep = "<a>".repeat(100) + &"</a>".repeat(100);
    assert!(fields(&deep).is_err());
    let many = (0..1000).map(|n| format!("<f{n}>1</f{n}>")).collect::<Vec<_>>().concat();
    assert!(fields(&format!("<xml>{many}</xml>")).is_err());
    let nested = "[".repeat(200_000);
    assert!(fields(&format!("{{\"a\":{nested}")).is_err());
}

#[test]
fn forwarded_events_come_one_or_many() {
    let json = r#"{"FromUserName":"o","CreateTime":1395658920,"MsgType":"event","Event":"TEMPLATESENDJOBFINISH","MsgID":1,"Status":"success"}"#;
    let pretty = V3_MESSAGE.replace("><", ">\n<");
    for (body, good, bad) in [
        (V3_MESSAGE.to_owned(), 1, 0),
        (pretty, 1, 0),
        (format!("{V3_MESSAGE}\r\n{V3_MESSAGE}\n\n{json}\n"), 3, 0),
        (format!("{V3_MESSAGE}\n{json}\nnonsense\n{json}"), 3, 1),
        (json.to_owned(), 1, 0),
        (format!("[{json},{json},5,{{}}]"), 2, 2),
        (format!("{json}\nnonsense\n{json}"), 2, 1),
        ("{}".to_owned(), 0, 1),
        ("[]".to_owned(), 0, 0),
    ] {
        let read = forwarded(body.as_bytes()).unwrap();
        let counts = (read.iter().filter(|one| one.is_ok()).count(), read.len());
        assert_eq!(counts, (good, good + bad), "{body}");
    }
    assert!(forwarded(b"").is_err() && forwarded(b"[1").is_err() && forwarded(b"\xff").is_err());
    let encrypted = format!("<xml><ToUserName>gh</ToUserName><Encrypt>{V3}</Encrypt></xml>");
    assert!(forwarded(encrypted.as_bytes()).unwrap()[0].is_err());
}

#[test]
fn nothing_secret_or_personal_is_shown() {
    let event = read(V3_MESSAGE).unwrap();
    let shown = format!("{event:?} {:?} {:?}", pamtest(), query("1", "2"));
    assert!(!shown.contains("oia2Tj") && !shown.contains("pamtest") && !shown.contains(LETTERS));
}

proptest! {
    #[test]
    fn what_is_encrypted_is_decrypted(message: Vec<u8>, random: [u8; 16]) {
        let callback = pamtest();
        let encrypted = callback.encrypt(random, &message).unwrap();
        prop_assert_eq!(callback.decrypt(&encrypted).unwrap(), message);
    }

    #[test]
    fn a_single_changed_character_is_not_taken(at in 0..V3.len(), instead in "[A-Za-z0-9+/]") {
        prop_assume!(V3[at..=at] != *instead);
        let mut changed = V3.to_owned();
        changed.replace_range(at..=at, &instead);
        let query = Query {
            msg_signature: "876136dff7f0b362b82d69187c73c68b3ac3077a".into(),
            ..query("1409304348", "xxxxxx")
        };
        let body = format!("<xml><Encrypt>{changed}</Encrypt></xml>");
        prop_assert_eq!(pamtest().open(&query, body.as_bytes()), Err(CallbackError::Signature));
        // And without a signature it is garbage, another message, or another account: never a panic.
        let _ = pamtest().decrypt(&changed);
    }

    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>, signature: String, timestamp: String, nonce: String) {
        let query = Query { signature: signature.clone(), msg_signature: signature, timestamp, nonce, echostr: String::new() };
        let _ = pamtest().open(&query, &body);
        let _ = pamtest().handshake(&query);
        let _ = Fields::read(&body);
        let _ = forwarded(&body);
    }

    #[test]
    fn no_push_with_a_part_replaced_makes_it_panic(
        at in 0..V3_MESSAGE.len(), length in 0..40_usize, instead in "[<>/!\\[\\]&;#x0-9{}\":,a-z\n]{0,12}",
    ) {
        let end = (at + length).min(V3_MESSAGE.len());
        let body = format!("{}{instead}{}", &V3_MESSAGE[..at], &V3_MESSAGE[end..]);
        let _ = read(&body);
        let _ = forwarded(body.as_bytes());
    }

    #[test]
    fn no_text_encrypted_or_not_makes_decrypting_panic(text in "[A-Za-z0-9+/=]{0,200}", bytes: Vec<u8>) {
        use base64::Engine as _;
        let _ = pamtest().decrypt(&text);
        let _ = pamtest().decrypt(&base64::engine::general_purpose::STANDARD.encode(bytes));
    }
}
