//! A running simulator with a client that makes well-formed calls.

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use wechat_simulator::{
    Running, SAMPLE_APP_ID, SAMPLE_SECRET, Settings, Simulator, TEMPLATE_VISIT,
};

pub const OPENID: &str = "oInvented_patient_0000000001";

pub struct Wechat {
    pub running: Running,
    pub http: Client,
    pub token: String,
}

impl Wechat {
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let running = Simulator::new(settings).start().await.unwrap();
        let redirect = reqwest::redirect::Policy::none();
        let http = Client::builder().no_proxy().redirect(redirect).build().unwrap();
        let mut wechat = Self { running, http, token: String::new() };
        wechat.token = wechat.stable_token().await;
        wechat
    }

    pub fn simulator(&self) -> &Simulator {
        self.running.simulator()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.base_url())
    }

    /// The path with the token.
    pub fn signed(&self, path: &str) -> String {
        let mark = if path.contains('?') { '&' } else { '?' };
        format!("{}{mark}access_token={}", self.url(path), self.token)
    }

    pub fn stable_request(&self) -> RequestBuilder {
        self.http.post(self.url("/cgi-bin/stable_token")).body(credentials().to_string())
    }

    pub async fn stable_token(&self) -> String {
        let answer = body(self.stable_request()).await;
        answer["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str) -> Value {
        body(self.http.get(self.signed(path))).await
    }

    pub async fn post(&self, path: &str, sent: &Value) -> Value {
        body(self.http.post(self.signed(path)).body(sent.to_string())).await
    }

    pub fn send_request(&self, message: &Value) -> RequestBuilder {
        self.http.post(self.signed("/cgi-bin/message/template/send")).body(message.to_string())
    }

    pub async fn send(&self, message: &Value) -> Value {
        body(self.send_request(message)).await
    }

    pub async fn send_code(&self, message: &Value) -> i64 {
        code(&self.send(message).await)
    }
}

pub async fn body(request: RequestBuilder) -> Value {
    json_of(request.send().await.unwrap()).await
}

/// A business answer is HTTP 200, whatever it says.
pub async fn json_of(response: Response) -> Value {
    assert_eq!(response.status(), 200);
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

pub fn code(answer: &Value) -> i64 {
    answer["errcode"].as_i64().unwrap()
}

pub fn credentials() -> Value {
    json!({ "grant_type": "client_credential", "appid": SAMPLE_APP_ID, "secret": SAMPLE_SECRET })
}

/// A sound message of the typed reminder.
pub fn visit(openid: &str) -> Value {
    json!({
        "touser": openid,
        "template_id": TEMPLATE_VISIT,
        "data": {
            "thing1": { "value": "心内科" },
            "time2": { "value": "2026年12月1日 15:01" },
            "character_string3": { "value": "A20261201007" },
            "thing4": { "value": "门诊楼三层" },
        },
    })
}

/// The same with the sender's own id.
pub fn visit_with(openid: &str, client_msg_id: &str) -> Value {
    let mut message = visit(openid);
    message["client_msg_id"] = client_msg_id.into();
    message
}
