//! A WeChat Official Account API that runs on this computer, for tests, demos and training.
//!
//! It answers as `api.weixin.qq.com` does: tokens of two kinds, template messages checked by the
//! type of each key, errors as HTTP 200 with an errcode, WeChat's own words and a request id. What is
//! accepted reaches the "phones", which tests read and people see at `/`. Faults can be set, and
//! magic openids always meet the same fate. It knows nothing of any client on purpose: it is a
//! second reading of the documentation, so that a mistake in the first one shows.
//!
//! ```
//! # async fn example() -> std::io::Result<()> {
//! use wechat_simulator::{Fault, FaultKind, Settings, Simulator};
//!
//! let running = Simulator::new(Settings::default()).start().await?;
//! running.simulator().fault(Fault::new(FaultKind::Busy).after(2).times(3));
//! // … point a client at running.base_url() …
//! assert!(running.simulator().phones().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! It has no protection of its own, so it listens on loopback only, and its patients must be
//! invented: nothing is masked.
//!
//! # The WeChat side
//!
//! `GET /cgi-bin/token`, `POST /cgi-bin/stable_token`, `POST /cgi-bin/message/template/send`,
//! `GET /cgi-bin/template/get_all_private_template`, `GET /cgi-bin/template/get_industry`,
//! `POST /cgi-bin/template/api_add_template`, `GET /cgi-bin/user/info`,
//! `POST /cgi-bin/user/info/batchget`, `GET /cgi-bin/user/get`, `POST /cgi-bin/openapi/quota/get`.
//! Any other path is 40066. A chunked request is HTTP 412. Where the documentation is silent the
//! simulator chooses, and the choice is a field of [`Settings`] or said at the code.
//!
//! # Control over HTTP
//!
//! | call | does |
//! |---|---|
//! | `GET /_simulator/phones` | [`Simulator::phones`] as JSON |
//! | `GET /_simulator/messages` | every message in order of arrival |
//! | `GET /_simulator/held` | the messages under review |
//! | `GET /_simulator/requests` | [`Counts`] as JSON |
//! | `POST /_simulator/faults` | adds a [`Fault`], such as `{"kind": "busy", "times": 3}` |
//! | `DELETE /_simulator/faults` | forgets every fault |
//! | `POST /_simulator/reset` | empty phones, counts from nothing |
//! | `POST /_simulator/revoke-token`, `…/expire-token` | every token is 40001, or 42001 |
//! | `POST /_simulator/release-held` | the review is over: `{"released": 2}` |
//! | `POST /_simulator/receipts` | sets the callback URL: [`Receipts`] as JSON; `DELETE` takes it away |
//! | `GET /_simulator/pushes` | [`Pushes`] as JSON |
//! | `POST /_simulator/advance` | pretends that time passes: `{"seconds": 600}` |
//! | `POST /_simulator/unfollow`, `…/follow` | `{"openid": "o…"}` stops following, or follows again |
//!
//! A body that cannot be read is HTTP 400 with the reason.
//!
//! # Magic openids
//!
//! | openid | what it shows |
//! |---|---|
//! | `oSim_busy_minus_1___________` | WeChat is busy (-1): retried, then put off |
//! | `oSim_40001_token_refused____` | the token is refused again and again: the run stops |
//! | `oSim_40003_not_an_openid____` | the openid belongs to another account |
//! | `oSim_40037_template_unknown_` | the template was deleted |
//! | `oSim_40241_duplicate_60_s___` | a duplicate within 60 seconds |
//! | `oSim_40249_illegal_content__` | the content is blocked |
//! | `oSim_40252_under_review_____` | held for review: not to be sent again |
//! | `oSim_43004_unfollowed_______` | the patient does not follow the account |
//! | `oSim_43019_on_blacklist_____` | the account has blacklisted the patient |
//! | `oSim_43101_refuses_messages_` | the patient refuses the message |
//! | `oSim_43116_template_banned__` | the template is banned |
//! | `oSim_43117_too_frequent_____` | too many messages to this patient: later |
//! | `oSim_45009_daily_quota______` | the day's quota is used up: the run stops |
//! | `oSim_45011_minute_quota_____` | too fast: the run waits for the next minute |
//! | `oSim_47003_invalid_value____` | a value is refused (data.thing1.value) |
//! | `oSim_48001_unauthorized_____` | the account may not send template messages |
//! | `oSim_99999_unknown_code_____` | an errcode that nobody documented |
//! | `oSim_502_bad_gateway________` | a gateway answers HTTP 502 with HTML |
//! | `oSim_stall_45_seconds_______` | the message arrives, but the answer takes 45 seconds |
//! | `oSim_close_after_accept_____` | the message arrives, but the connection breaks before the answer |
//! | `oSim_close_before___________` | the connection breaks, and nothing arrives |
//!
//! With a callback URL, which [`Settings::receipts`] holds, these are accepted, and their receipt is a special one:
//!
//! | openid | what its receipt shows |
//! |---|---|
//! | `oSim_receipt_user_block_____` | the patient blocks messages |
//! | `oSim_receipt_system_failed__` | WeChat failed |
//! | `oSim_receipt_freq_limit_____` | there were too many messages |
//! | `oSim_receipt_before_answer__` | it comes before the answer |
//! | `oSim_receipt_without_id_____` | its `MsgID` is 0 |
//! | `oSim_receipt_never__________` | it never comes |
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod call;
mod clock;
mod control;
mod counts;
mod fault;
mod field;
mod hold;
mod ids;
mod line;
mod magic;
mod office;
mod page;
mod phone;
mod postman;
mod push;
mod refusal;
mod seal;
mod send;
mod server;
mod settings;
mod simulator;
mod state;
mod template;
mod token;
mod when;
mod wire;

pub use counts::Counts;
pub use fault::{Fault, FaultKind, Times, Which};
pub use hold::{Hold, Moment};
pub use magic::{Magic, MagicReceipt, Receipt, magic_openids, magic_receipts};
pub use phone::{Delivered, Phone};
pub use push::{PushFormat, Pushes};
pub use server::Running;
pub use settings::{
    DAILY_QUOTA, DuplicateAnswer, PushMode, Receipts, SAMPLE_AES_KEY, SAMPLE_APP_ID, SAMPLE_SECRET,
    SAMPLE_TOKEN, Settings, TOKEN_LIFETIME,
};
pub use simulator::Simulator;
pub use template::{
    TEMPLATE_E_PRESCRIPTION, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER, TEMPLATE_VISIT, Template,
};
