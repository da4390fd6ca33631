//! What is pushed to the account's callback URL: receipts, and who follows or no longer does.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::oneshot;

use crate::seal;
use crate::settings::{PushMode, Receipts};

/// The account's original id, which pushes are addressed to.
const ACCOUNT: &str = "gh_51a000000000";

/// A push to be delivered.
pub(crate) struct Push {
    pub(crate) openid: String,
    /// Seconds since 1970.
    pub(crate) at: u64,
    pub(crate) news: News,
    /// Told when it has been acknowledged or given up.
    pub(crate) done: Option<oneshot::Sender<()>>,
}

/// What a push says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Receipt { msgid: i64, status: &'static str },
    Subscribe,
    Unsubscribe,
}

/// What came of the pushes so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pushes {
    /// Pushes made.
    pub made: u64,
    /// Those acknowledged.
    pub acknowledged: u64,
    /// Deliveries that repeated one not acknowledged.
    pub repeated: u64,
    /// Those given up after three repetitions.
    pub given_up: u64,
    /// Those still under way.
    pub waiting: u64,
}

/// The form of a push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFormat {
    /// XML, as service accounts have it.
    #[default]
    Xml,
    /// JSON, where the console is set so.
    Json,
}

/// A push ready for the wire.
pub(crate) struct Letter {
    pub(crate) url: String,
    pub(crate) body: String,
}

/// What differs from push to push without meaning anything.
pub(crate) struct Noise {
    pub(crate) nonce: String,
    pub(crate) random: [u8; 16],
}

impl Push {
    /// Writes and signs it.
    pub(crate) fn letter(&self, app_id: &str, receipts: &Receipts, noise: &Noise) -> Letter {
        let timestamp = self.at.to_string();
        let parts = [receipts.token.as_str(), &timestamp, &noise.nonce];
        let signature = seal::signature(&parts);
        let mark = if receipts.url.contains('?') { '&' } else { '?' };
        let mut url = format!(
            "{}{mark}signature={signature}&timestamp={timestamp}&nonce={}&openid={}",
            receipts.url, noise.nonce, self.openid
        );
        let plain = self.fields();
        let text = render(receipts.format, &plain);
        let key = match receipts.mode {
            PushMode::Plain => None,
            PushMode::Compatible | PushMode::Safe => seal::key(&receipts.encoding_aes_key),
        };
        let Some(key) = key else { return Letter { url, body: text } };
        let sealed = seal::seal(&key, noise.random, &text, app_id);
        let [token, timestamp, nonce] = parts;
        let msg_signature = seal::signature(&[token, timestamp, nonce, &sealed]);
        url = format!("{url}&encrypt_type=aes&msg_signature={msg_signature}");
        let mut fields = match receipts.mode {
            PushMode::Compatible => plain,
            _ => vec![Field::text("ToUserName", ACCOUNT)],
        };
        fields.push(Field::text("Encrypt", &sealed));
        Letter { url, body: render(receipts.format, &fields) }
    }

    fn fields(&self) -> Vec<Field> {
        let event = match self.news {
            News::Receipt { .. } => "TEMPLATESENDJOBFINISH",
            News::Subscribe => "subscribe",
            News::Unsubscribe => "unsubscribe",
        };
        let mut fields = vec![
            Field::text("ToUserName", ACCOUNT),
            Field::text("FromUserName", &self.openid),
            Field::number("CreateTime", i64::try_from(self.at).unwrap_or(i64::MAX)),
            Field::text("MsgType", "event"),
            Field::text("Event", event),
        ];
        match self.news {
            News::Receipt { msgid, status } => {
                fields.push(Field::number("MsgID", msgid));
                fields.push(Field::text("Status", status));
            }
            News::Subscribe | News::Unsubscribe => fields.push(Field::text("EventKey", "")),
        }
        fields
    }
}

struct Field {
    name: &'static str,
    value: Value,
}

enum Value {
    Text(String),
    Number(i64),
}

impl Field {
    fn text(name: &'static str, text: &str) -> Self {
        Self { name, value: Value::Text(text.to_owned()) }
    }

    const fn number(name: &'static str, number: i64) -> Self {
        Self { name, value: Value::Number(number) }
    }
}

fn render(format: PushFormat, fields: &[Field]) -> String {
    match format {
        PushFormat::Xml => {
            let element = |Field { name, value }: &Field| match value {
                Value::Text(text) => format!("<{name}><![CDATA[{text}]]></{name}>\n"),
                Value::Number(number) => format!("<{name}>{number}</{name}>\n"),
            };
            let elements: String = fields.iter().map(element).collect();
            format!("<xml>\n{elements}</xml>")
        }
        PushFormat::Json => {
            let pair = |Field { name, value }: &Field| {
                let value = match value {
                    Value::Text(text) => json!(text),
                    Value::Number(number) => json!(number),
                };
                ((*name).to_owned(), value)
            };
            serde_json::Value::Object(fields.iter().map(pair).collect()).to_string()
        }
    }
}
