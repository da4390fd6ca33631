//! What reached the patients' phones.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// One patient's phone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phone {
    /// Whose it is.
    pub openid: String,
    /// What reached it, oldest first.
    pub messages: Vec<Delivered>,
}

/// One message that WeChat took. The people in a simulator are invented, so nothing is masked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivered {
    /// To whom.
    pub openid: String,
    /// WeChat's id: beyond 2^53, so a string in JSON.
    #[serde(serialize_with = "as_text")]
    pub msgid: i64,
    /// Which template.
    pub template_id: String,
    /// The template's heading.
    pub title: String,
    /// The sender's own id of the message.
    pub client_msg_id: Option<String>,
    /// The values as sent, by key, in the template's order; keys the template lacks come last.
    /// A JSON object. Empty in a lean simulator.
    #[serde(serialize_with = "as_object")]
    pub data: Vec<(String, String)>,
    /// The rows as the patient sees them, by label: header and footer gone, values of the old
    /// library cut at 20 characters. A JSON object. Empty in a lean simulator.
    #[serde(serialize_with = "as_object")]
    pub shown: Vec<(String, String)>,
    /// The link of the card.
    pub url: Option<String>,
    /// When, in seconds since 1970.
    pub at: u64,
    /// The request's body. Null in a lean simulator.
    pub body: Value,
}

impl Delivered {
    /// The value sent for a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.data.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn as_text<S: Serializer>(id: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn as_object<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
