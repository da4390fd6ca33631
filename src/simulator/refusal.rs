//! Business errors: an errcode with WeChat's own words.

use serde_json::{Value, json};

/// What a call comes to: the answer's JSON, or an error. Both are HTTP 200.
pub(crate) type Answer = Result<Value, Refusal>;

/// A business error before its rid.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    text: String,
}

impl Refusal {
    pub(crate) fn new(code: i64, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// The answer's body.
    pub(crate) fn body(&self, rid: &str) -> Value {
        json!({ "errcode": self.code, "errmsg": format!("{} rid: {rid}", self.text) })
    }
}

impl From<i64> for Refusal {
    fn from(code: i64) -> Self {
        Self::new(code, errmsg(code))
    }
}

/// The words of an errcode: captured answers where there are any, else the official return code
/// table (`/doc/oplatform/Return_codes/Return_code_descriptions_new`).
fn errmsg(code: i64) -> &'static str {
    match code {
        -1 => "system error",
        40001 => {
            "invalid credential, access_token is invalid or not latest, could get access_token by \
             getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
        }
        40002 => "invalid grant_type",
        40003 => "invalid openid",
        40008 => "invalid message type",
        40013 => "invalid appid",
        40014 => "invalid access_token",
        40032 => "invalid openid list size",
        40036 => "invalid template_id size",
        40037 => "invalid template_id",
        40039 => "invalid url size",
        40066 => "invalid url",
        40125 => "invalid appsecret",
        // 203.0.113.0/24 is reserved for documentation.
        40164 => "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
        40165 => "invalid weapp pagepath",
        40166 => "invalid weapp appid",
        40241 => "The message is duplicate in 60 seconds",
        40243 => "AppSecret frozen",
        40246 => "invalid keyword_name_list",
        40247 => "need new category template",
        40249 => "this template msg has been blocked for illegal content",
        40252 => {
            "你正在调用的模板下发的部分内容已进入平台审核流程，在审核完成前，相关内容暂时无法下发。"
        }
        41001 => "access_token missing",
        41002 => "appid missing",
        41004 => "appsecret missing",
        41009 => "missing openid",
        42001 => "access_token expired",
        43001 => "require GET method",
        43002 => "require POST method",
        43003 => "require https",
        43004 => "require subscribe",
        43005 => "require friend relations",
        43006 => "require not block",
        43019 => "require remove blacklist",
        43101 => "user refuse to accept the msg",
        43116 => "This template_id is banned",
        43117 => "Sending messages to this openid too frequently,please try later",
        44002 => "empty post data",
        45009 => "reach max api daily quota limit",
        45011 => "api minute-quota reach limit, must slower, retry next minute",
        45026 => "template num exceeds limit",
        45168 => "keyword in blacklist",
        46004 => "user no exist",
        47001 => "data format error",
        47002 => {
            "data format error, do NOT use json unicode encode (\\uxxxx\\uxxxx), please use utf8 encoded text!"
        }
        47003 => "argument invalid! data.thing1.value invalid",
        48001 => "api unauthorized",
        48002 => "user block receive message",
        48004 => "api forbidden for irregularities, view detail on mp.weixin.qq.com",
        48011 => "disabled template id",
        49003 => "not match openid with appid",
        50002 => "user limited",
        50005 => "user is unsubscribed",
        76003 => "cgi_path invalid",
        76021 => "cgi_path not found",
        89503 => "this ip needs the confirmation of an administrator",
        89506 => "this ip was refused by an administrator, retry after 24 hours",
        89507 => "this ip was refused by an administrator, retry after 1 hour",
        // A code without known words: the simulator's own.
        _ => "simulated error",
    }
}
