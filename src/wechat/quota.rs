//! Quotas: how many calls of an API are left today.

use serde::Deserialize;

use crate::errcode::Endpoint;
use crate::wire::Call;

pub(crate) static GET: Call = Call::new("/cgi-bin/openapi/quota/get", Endpoint::Other, "quota");

/// The quota of one API, in calls (`/cgi-bin/openapi/quota/get`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(from = "Answered")]
pub struct Quota {
    /// Calls allowed a day.
    pub daily_limit: i64,
    /// Calls made today.
    pub used: i64,
    /// Calls left today.
    pub remain: i64,
    /// The limit for a shorter time, where WeChat states one.
    pub rate_limit: Option<RateLimit>,
}

/// At most so many calls in so many seconds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct RateLimit {
    /// Calls.
    pub call_count: i64,
    /// Seconds.
    pub refresh_second: i64,
}

#[derive(Deserialize)]
struct Answered {
    quota: Daily,
    #[serde(default)]
    rate_limit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Daily {
    #[serde(rename = "daily_limit")]
    limit: i64,
    used: i64,
    remain: i64,
}

impl From<Answered> for Quota {
    fn from(answered: Answered) -> Self {
        let Daily { limit, used, remain } = answered.quota;
        // An empty object stands for "none".
        let rate_limit = answered.rate_limit.and_then(|limit| serde_json::from_value(limit).ok());
        Self { daily_limit: limit, used, remain, rate_limit }
    }
}
