//! Templates, industry, followers, quota.

use crate::support::{OPENID, Wechat, code, visit};
use serde_json::{Value, json};
use wechat_simulator::{Settings, TEMPLATE_PRESCRIPTION};

#[tokio::test]
async fn the_accounts_templates_can_be_listed_and_added_to() {
    let wechat = Wechat::start().await;
    let list = "/cgi-bin/template/get_all_private_template";
    let before = wechat.get(list).await;
    assert!(before.get("errcode").is_none());
    assert_eq!(before["template_list"].as_array().unwrap().len(), 4);
    assert_eq!(before["template_list"][1]["template_id"], TEMPLATE_PRESCRIPTION);

    let add = async |body: Value| wechat.post("/cgi-bin/template/api_add_template", &body).await;
    let added =
        add(json!({ "template_id_short": "47123", "keyword_name_list": ["就诊科室", "就诊时间"] }))
            .await;
    let after = wechat.get(list).await;
    let new = &after["template_list"][4];
    assert_eq!(new["template_id"], added["template_id"]);
    assert_eq!(new["content"], "就诊科室：{{thing1.DATA}}\n就诊时间：{{time2.DATA}}");
    let mut message = visit(OPENID);
    message["template_id"] = added["template_id"].clone();
    assert_eq!(wechat.send_code(&message).await, 0);

    assert_eq!(
        code(&add(json!({ "template_id_short": "47123", "keyword_name_list": [] })).await),
        40246
    );
    assert_eq!(
        code(&add(json!({ "template_id_short": "TM00015", "keyword_name_list": ["a"] })).await),
        40247
    );
    for _ in 5..25 {
        add(json!({ "template_id_short": "1", "keyword_name_list": ["a"] })).await;
    }
    assert_eq!(
        code(&add(json!({ "template_id_short": "1", "keyword_name_list": ["a"] })).await),
        45026
    );
    let industry = wechat.get("/cgi-bin/template/get_industry").await;
    assert_eq!(industry["primary_industry"]["first_class"], "医药护理");
}

#[tokio::test]
async fn followers_can_be_asked_for_one_by_one_by_the_hundred_and_all() {
    let followers = vec![OPENID.to_owned(), "oInvented_patient_0000000009".to_owned()];
    let wechat = Wechat::with(Settings { followers, ..Settings::default() }).await;
    let info = async |openid: &str| {
        wechat.get(&format!("/cgi-bin/user/info?openid={openid}&lang=zh_CN")).await
    };
    assert_eq!(info(OPENID).await["subscribe"], 1);
    assert_eq!(code(&info("nobody").await), 40003);
    let all = wechat.get("/cgi-bin/user/get").await;
    assert_eq!(
        (all["total"].as_u64(), all["next_openid"].as_str()),
        (Some(2), Some("oInvented_patient_0000000009"))
    );
    let rest = wechat.get("/cgi-bin/user/get?next_openid=oInvented_patient_0000000009").await;
    assert_eq!(rest, json!({ "total": 2, "count": 0, "next_openid": "" }));

    wechat.simulator().unfollow(OPENID);
    assert_eq!(info(OPENID).await, json!({ "subscribe": 0, "openid": OPENID }));
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 43004);
    let batch = async |openids: Vec<&str>| {
        let list: Vec<_> = openids.into_iter().map(|openid| json!({ "openid": openid })).collect();
        wechat.post("/cgi-bin/user/info/batchget", &json!({ "user_list": list })).await
    };
    let both = batch(vec![OPENID, "oInvented_patient_0000000009"]).await;
    let subscribed: Vec<_> =
        both["user_info_list"].as_array().unwrap().iter().map(|user| &user["subscribe"]).collect();
    assert_eq!(subscribed, [0, 1]);
    assert_eq!(code(&batch(vec![OPENID, "nobody"]).await), 40003);
    assert_eq!(batch(vec![OPENID; 100]).await["user_info_list"].as_array().unwrap().len(), 100);
    assert_eq!(code(&batch(vec![OPENID; 101]).await), 40032);
    wechat.simulator().follow(OPENID);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0);
}

#[tokio::test]
async fn paths_and_methods_that_are_none_are_told_so() {
    let wechat = Wechat::start().await;
    assert_eq!(code(&wechat.get("/cgi-bin/no/such").await), 40066);
    assert_eq!(code(&wechat.post("/cgi-bin/user/get", &json!({})).await), 43001);
    let quota = async |path: &str| {
        wechat.post("/cgi-bin/openapi/quota/get", &json!({ "cgi_path": path })).await
    };
    assert_eq!(code(&quota("cgi-bin/user/get").await), 76003);
    assert_eq!(code(&quota("/cgi-bin/nothing").await), 76021);
    assert_eq!(quota("/cgi-bin/user/get").await["quota"]["used"], 1);
}
