//! What a simulator is set up with: the account, its templates, its quota and its pace.

use std::time::Duration;

use serde::Deserialize;

use crate::push::PushFormat;
use crate::template::{Template, default_templates};

/// The app id that [`Settings::default`] holds.
pub const SAMPLE_APP_ID: &str = "wx51a0000000000000";

/// The app secret that [`Settings::default`] holds. It opens nothing but a simulator.
pub const SAMPLE_SECRET: &str = "51a0000000000000000000000000cafe";

/// The token that a callback's settings hold unless they say otherwise.
pub const SAMPLE_TOKEN: &str = "simulator51a0";

/// The `EncodingAESKey` that a callback's settings hold unless they say otherwise. It protects nothing.
pub const SAMPLE_AES_KEY: &str = "51a0simulator51a0simulator51a0simulator51a0";

/// How many template messages an account may send a day
/// (`/doc/service/en/guide/product/template_message/Template_Message_Interface.html`).
pub const DAILY_QUOTA: u64 = 100_000;

/// How long an access token lives (`/cgi-bin/stable_token`).
pub const TOKEN_LIFETIME: Duration = Duration::from_hours(2);

/// The account that a [`Simulator`](crate::Simulator) plays, and how it behaves.
#[derive(Clone)]
pub struct Settings {
    /// The account's app id; any other is answered 40013.
    pub app_id: String,
    /// The account's secret; any other is answered 40125.
    pub secret: String,
    /// The account's own templates; any other id is answered 40037.
    pub templates: Vec<Template>,
    /// Messages accepted a day, a day being 24 hours from the start; then 45009.
    pub daily_quota: u64,
    /// How long a token lives. WeChat rolls it over in its last 300 seconds, and so does the
    /// simulator: a lifetime of 300 seconds or less gives a new token at every call.
    pub token_lifetime: Duration,
    /// How long every answer of the WeChat side takes, after its effect.
    pub answer_delay: Duration,
    /// What a second message of one openid and `client_msg_id` within ten minutes is answered.
    pub duplicates: DuplicateAnswer,
    /// Whether `touser` must look like an openid (`o` and 27 of `A-Z a-z 0-9 _ -`), else 40003.
    pub check_openids: bool,
    /// Whether a `\uXXXX` escape of a character beyond ASCII in a body is answered 47002.
    pub refuse_escapes: bool,
    /// The account's followers, as `user/get` lists them beside every phone that got a message.
    pub followers: Vec<String>,
    /// Keep ids, keys and counts of messages, but not their contents; for large runs.
    pub lean: bool,
    /// Where receipts are pushed to, if anywhere.
    pub receipts: Option<Receipts>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            app_id: SAMPLE_APP_ID.to_owned(),
            secret: SAMPLE_SECRET.to_owned(),
            templates: default_templates(),
            daily_quota: DAILY_QUOTA,
            token_lifetime: TOKEN_LIFETIME,
            answer_delay: Duration::ZERO,
            duplicates: DuplicateAnswer::SameMsgid,
            check_openids: true,
            refuse_escapes: true,
            followers: Vec::new(),
            lean: false,
            receipts: None,
        }
    }
}

/// What a repeated `client_msg_id` is answered. The official page promises that only one message
/// is sent (`/cgi-bin/message/template/send`) but not what the second call hears, so it is a switch.
/// None of them puts a second message on the phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateAnswer {
    /// errcode 0 and the msgid of the first.
    #[default]
    SameMsgid,
    /// errcode 0 and a msgid that no message has.
    NewMsgid,
    /// errcode 0 and msgid 0.
    ZeroMsgid,
    /// errcode 0 and no msgid at all.
    NoMsgid,
    /// An error, such as 40241.
    Errcode(i64),
}

/// The account's callback URL (服务器配置), and how receipts are pushed to it.
///
/// Each accepted message gets a receipt, a held one when its review is over; magic openids decide what it says. A push
/// is repeated three times when it is not acknowledged in time, with a new nonce and the same `CreateTime`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Receipts {
    /// Where they go.
    pub url: String,
    /// What signs them.
    pub token: String,
    /// What encrypts them in compatible and safe mode: 43 characters.
    pub encoding_aes_key: String,
    /// Whether they are encrypted.
    pub mode: PushMode,
    /// XML or JSON.
    pub format: PushFormat,
    /// How long the receiver may take, in milliseconds; WeChat's five seconds unless set.
    pub patience_ms: u64,
    /// Every send is answered only when its receipt has been delivered: the receipt comes first.
    pub early: bool,
    /// Every receipt says `MsgID` 0, as reported for messages with a `client_msg_id`.
    pub without_id: bool,
}

impl Default for Receipts {
    fn default() -> Self {
        Self {
            url: String::new(),
            token: SAMPLE_TOKEN.to_owned(),
            encoding_aes_key: SAMPLE_AES_KEY.to_owned(),
            mode: PushMode::default(),
            format: PushFormat::default(),
            patience_ms: 5000,
            early: false,
            without_id: false,
        }
    }
}

/// The console's 消息加解密方式.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushMode {
    /// 明文模式: in plain.
    #[default]
    Plain,
    /// 兼容模式: in plain and encrypted at once.
    Compatible,
    /// 安全模式: encrypted.
    Safe,
}
