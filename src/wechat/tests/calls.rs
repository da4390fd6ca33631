//! The other calls: what they ask and what they read from the documented answers.

use super::script::{Reply, Script, ok, start};
use super::{OPENID, client};
use crate::{Class, Outcome, SEND_PATH};

async fn answering(body: &str) -> Script {
    start(ok(body)).await
}

fn asked(script: &Script) -> String {
    script.requests.lock().unwrap().last().unwrap().clone()
}

#[tokio::test]
async fn templates_are_listed_with_their_keys() {
    let script = answering(r#"{"template_list":[{"template_id":"iPk5","title":"就诊提醒","primary_industry":"","deputy_industry":"","content":"就诊时间：{{time2.DATA}}\n","example":""},{"template_id":"x"}]}"#).await;
    let templates = client(&script.base_url).templates().await.unwrap();
    assert!(asked(&script).starts_with("GET /cgi-bin/template/get_all_private_template?"));
    assert_eq!((templates.len(), templates[0].title.as_str()), (2, "就诊提醒"));
    assert_eq!(
        (templates[0].keys()[0].label.as_str(), templates[0].keys()[0].key.as_str()),
        ("就诊时间", "time2")
    );
    let empty = answering(r#"{"template_list":[]}"#).await;
    assert!(client(&empty.base_url).templates().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_template_is_added_by_its_library_id() {
    let script = answering(r#"{"errcode":0,"errmsg":"ok","template_id":"Doclyl5uP7Aciu-qZ7mJNPtWkbkYnWBWVja26EGbNyk"}"#).await;
    let id = client(&script.base_url).add_template("47123", &["姓名".to_owned()]).await.unwrap();
    assert_eq!(id, "Doclyl5uP7Aciu-qZ7mJNPtWkbkYnWBWVja26EGbNyk");
    assert!(
        asked(&script).contains(r#""keyword_name_list":["姓名"]"#)
            && asked(&script).contains(r#""template_id_short":"47123""#)
    );
    let empty = answering(r#"{"errcode":0,"errmsg":"ok"}"#).await;
    assert_eq!(
        client(&empty.base_url).add_template("1", &[]).await.unwrap_err().class(),
        Class::Backoff
    );
    assert!(!asked(&empty).contains("keyword_name_list"));
}

#[tokio::test]
async fn industries_and_quota_are_read() {
    let script = answering(r#"{"primary_industry":{"first_class":"医药护理","second_class":"医药医疗"},"secondary_industry":{"first_class":"IT科技","second_class":"互联网|电子商务"}}"#).await;
    let industries = client(&script.base_url).industry().await.unwrap();
    assert_eq!(
        (
            industries.primary.second_class.as_str(),
            industries.secondary.unwrap().first_class.as_str()
        ),
        ("医药医疗", "IT科技")
    );
    let script = answering(r#"{"errcode":0,"errmsg":"ok","quota":{"daily_limit":100000,"used":83,"remain":99917},"rate_limit":{"call_count":600,"refresh_second":60},"component_rate_limit":{}}"#).await;
    let quota = client(&script.base_url).quota(SEND_PATH).await.unwrap();
    assert_eq!((quota.remain, quota.rate_limit.unwrap().call_count), (99_917, 600));
    assert!(asked(&script).ends_with(r#"{"cgi_path":"/cgi-bin/message/template/send"}"#));
    let script =
        answering(r#"{"errcode":0,"quota":{"daily_limit":0,"used":0,"remain":0},"rate_limit":{}}"#)
            .await;
    assert_eq!(client(&script.base_url).quota(SEND_PATH).await.unwrap().rate_limit, None);
}

#[tokio::test]
async fn a_user_follows_or_does_not() {
    let script = answering(r#"{"subscribe":1,"openid":"o1","language":"zh_CN","subscribe_time":1382694957,"remark":"王","tagid_list":[2]}"#).await;
    let user = client(&script.base_url).user(OPENID).await.unwrap();
    assert_eq!((user.subscribed, user.subscribe_time), (true, Some(1_382_694_957)));
    assert!(asked(&script).contains(&format!("&openid={OPENID}&lang=zh_CN")));
    assert!(!format!("{user:?}").contains("o1"));
    let script = answering(r#"{"subscribe":0,"openid":"o1"}"#).await;
    assert!(!client(&script.base_url).user(OPENID).await.unwrap().subscribed);
}

#[tokio::test]
async fn users_are_asked_about_a_hundred_at_most() {
    let script = answering(
        r#"{"user_info_list":[{"subscribe":1,"openid":"a"},{"subscribe":0,"openid":"b"}]}"#,
    )
    .await;
    let client = client(&script.base_url);
    let users = client.users(&["a", "b"]).await.unwrap();
    assert_eq!(users.iter().map(|user| user.subscribed).collect::<Vec<_>>(), [true, false]);
    let before = script.requests.lock().unwrap().len();
    let error = client.users(&[OPENID; 101]).await.unwrap_err();
    assert_eq!((error.outcome(), error.errcode()), (Outcome::NotSent, None));
    assert!(client.users(&[]).await.unwrap().is_empty());
    assert_eq!(script.requests.lock().unwrap().len(), before, "neither was asked");
}

#[tokio::test]
async fn an_answer_of_another_shape_is_an_error() {
    let script = start(ok(r#"{"subscribe":"yes","openid":7}"#)).await;
    assert_eq!(client(&script.base_url).user(OPENID).await.unwrap_err().class(), Class::Backoff);
    let script = start(Reply::Close).await;
    assert_eq!(client(&script.base_url).industry().await.unwrap_err().class(), Class::Backoff);
}
