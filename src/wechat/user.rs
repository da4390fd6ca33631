//! Users: whether somebody follows the account.

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::errcode::Endpoint;
use crate::wire::Call;

pub(crate) static INFO: Call = Call::new("/cgi-bin/user/info", Endpoint::Other, "subscribe");
pub(crate) static BATCH: Call =
    Call::new("/cgi-bin/user/info/batchget", Endpoint::Other, "user_info_list");

/// How many users one batch may ask about (`/cgi-bin/user/info/batchget`; more is answered by 40032).
pub(crate) const LARGEST_BATCH: usize = 100;

/// One user as the account sees them. What else WeChat tells (remarks, tags, where they came from) is not kept.
#[derive(Clone, Deserialize, Eq, PartialEq)]
pub struct User {
    /// The user's id at this account.
    pub openid: String,
    /// Whether they follow the account; only followers get template messages.
    #[serde(rename = "subscribe", deserialize_with = "flag")]
    pub subscribed: bool,
    /// When they last began to follow, in Unix seconds; absent for those who do not.
    #[serde(default)]
    pub subscribe_time: Option<i64>,
}

/// Does not show the openid.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("subscribed", &self.subscribed).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
pub(crate) struct Batch {
    pub(crate) user_info_list: Vec<User>,
}

/// WeChat writes 1 and 0.
fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(i64::deserialize(from)? != 0)
}
