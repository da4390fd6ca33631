//! The client: each public call is a few lines over one private function that does the wire.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::errcode::Endpoint;
use crate::peer::PeerClock;
use crate::token::{Held, TokenCell};
use crate::wire::{self, Answer, Call, Payload, SEND_PATH};
use crate::{Error, Industries, PrivateTemplate, Quota, Settings, TemplateMessage, Token, User};
use crate::{industry, quota, template, user};

static TOKEN: Call = Call::new("/cgi-bin/stable_token", Endpoint::Token, "access_token");
static SEND: Call = Call::new(SEND_PATH, Endpoint::Send, "msgid");

/// A client for one account. Cheap to clone; clones share the token and the connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    app_id: String,
    secret: SecretString,
    base: Url,
    http: reqwest::Client,
    tokens: TokenCell,
    peer: PeerClock,
}

/// WeChat took a message into its queue. Whether it was delivered comes later, by a callback.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Accepted {
    /// The message's number: 64 bits, larger than a floating-point number or a spreadsheet can hold.
    pub msgid: Option<i64>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("app_id", &self.0.app_id).finish_non_exhaustive()
    }
}

impl Client {
    /// A client for the account `app_id`. Nothing is asked of the network yet.
    ///
    /// # Errors
    /// A base URL that is neither https nor http to loopback, or a proxy or CA file that cannot be used.
    pub fn new(
        app_id: impl Into<String>,
        secret: SecretString,
        settings: Settings,
    ) -> Result<Self, Error> {
        let base = settings.base()?;
        let http = settings.http(&base)?;
        Ok(Self(Arc::new(Inner {
            app_id: app_id.into(),
            secret,
            base,
            http,
            tokens: TokenCell::default(),
            peer: PeerClock::default(),
        })))
    }

    /// The account's app id.
    pub fn app_id(&self) -> &str {
        &self.0.app_id
    }

    /// What WeChat's clock says now, by the `Date` of the last answer, whatever it answered; `None` before the first.
    ///
    /// Good to a few seconds: the header has whole ones, and the answer was on its way.
    pub fn peer_time(&self) -> Option<SystemTime> {
        self.0.peer.now()
    }

    /// The current access token, fetched when there is none or it is due (`/cgi-bin/stable_token`, normal mode).
    ///
    /// # Errors
    /// 40125 (secret), 40013 (app id), 40164 (address not on the whitelist), 8950x, a frozen account, or a transport fault.
    pub async fn token(&self) -> Result<Token, Error> {
        Ok(self.current(None).await?.token())
    }

    /// Hands a message to WeChat's queue (`/cgi-bin/message/template/send`).
    ///
    /// # Errors
    /// [`Error::outcome`] says whether the message may have arrived nevertheless.
    pub async fn send(&self, message: &TemplateMessage) -> Result<Accepted, Error> {
        let answer = self.call(&SEND, &Payload::json(&SEND, message)?).await?;
        Ok(Accepted { msgid: answer.get("msgid").and_then(wire::integer) })
    }

    /// The account's own templates (`/cgi-bin/template/get_all_private_template`).
    pub async fn templates(&self) -> Result<Vec<PrivateTemplate>, Error> {
        Ok(self
            .call(&template::LIST, &Payload::Get(&[]))
            .await?
            .read::<template::Listed>()?
            .template_list)
    }

    /// Adds a template of the public library to the account and answers its new template id
    /// (`/cgi-bin/template/api_add_template`). The order of the keywords is the order of the fields.
    ///
    /// # Errors
    /// 40246 (no such keyword), 40247 (an id of the old library), 45026 (25 templates are in use).
    pub async fn add_template(
        &self,
        library_id: &str,
        keywords: &[String],
    ) -> Result<String, Error> {
        let mut body = json!({ "template_id_short": library_id });
        if !keywords.is_empty() {
            body["keyword_name_list"] = json!(keywords);
        }
        let answer = self.call(&template::ADD, &Payload::json(&template::ADD, &body)?).await?;
        answer.text("template_id").map(str::to_owned)
    }

    /// The industries that the account has declared (`/cgi-bin/template/get_industry`).
    pub async fn industry(&self) -> Result<Industries, Error> {
        self.call(&industry::GET, &Payload::Get(&[])).await?.read()
    }

    /// What is left today of an API's quota (`/cgi-bin/openapi/quota/get`). The counts may be off by about 1 %.
    ///
    /// `cgi_path` has a leading `/` and no host, such as [`SEND_PATH`](crate::SEND_PATH).
    pub async fn quota(&self, cgi_path: &str) -> Result<Quota, Error> {
        self.call(&quota::GET, &Payload::json(&quota::GET, &json!({ "cgi_path": cgi_path }))?)
            .await?
            .read()
    }

    /// Whether a user follows the account (`/cgi-bin/user/info`).
    ///
    /// # Errors
    /// 40003 when the openid is of another account.
    pub async fn user(&self, openid: &str) -> Result<User, Error> {
        self.call(&user::INFO, &Payload::Get(&[("openid", openid), ("lang", "zh_CN")]))
            .await?
            .read()
    }

    /// The same for up to 100 users in one call (`/cgi-bin/user/info/batchget`).
    ///
    /// # Errors
    /// More than 100 openids are refused here, before anything is asked; one openid of another account fails the
    /// whole call with 40003.
    pub async fn users(&self, openids: &[&str]) -> Result<Vec<User>, Error> {
        if openids.is_empty() {
            return Ok(Vec::new());
        }
        if openids.len() > user::LARGEST_BATCH {
            return Err(Error::input(
                &user::BATCH,
                "at most 100 users can be asked about in one call; split the list",
            ));
        }
        let list: Vec<Value> =
            openids.iter().map(|openid| json!({ "openid": openid, "lang": "zh_CN" })).collect();
        let answer = self
            .call(&user::BATCH, &Payload::json(&user::BATCH, &json!({ "user_list": list }))?)
            .await?;
        Ok(answer.read::<user::Batch>()?.user_info_list)
    }

    /// Asks with the current token; when WeChat refuses that token, gets a fresh one and replays once.
    async fn call(&self, call: &'static Call, payload: &Payload<'_>) -> Result<Answer, Error> {
        let first = self.current(None).await?;
        let refused = match self.ask(call, payload, Some(&first.value)).await {
            Err(refused) if refused.wants_fresh_token() => refused,
            answer => return answer,
        };
        tracing::info!(
            path = call.path,
            errcode = refused.errcode(),
            "the token was refused; fetching it again"
        );
        let second = self.current(Some(&first)).await?;
        let same_token = second.value.expose_secret() == first.value.expose_secret();
        match self.ask(call, payload, Some(&second.value)).await {
            Err(refused) if refused.wants_fresh_token() => Err(refused.after_replay(same_token)),
            answer => answer,
        }
    }

    async fn current(&self, failed: Option<&Held>) -> Result<Held, Error> {
        self.0.tokens.get(failed, || self.fetch_token()).await
    }

    /// Always the normal mode: `force_refresh` is limited to 20 a day and invalidates what other systems use.
    async fn fetch_token(&self) -> Result<(SecretString, u64), Error> {
        let body = json!({
            "grant_type": "client_credential",
            "appid": self.0.app_id,
            "secret": self.0.secret.expose_secret(),
            "force_refresh": false,
        });
        let answer = self.ask(&TOKEN, &Payload::json(&TOKEN, &body)?, None).await?;
        let value = SecretString::from(answer.text("access_token")?);
        let seconds = answer
            .get("expires_in")
            .and_then(wire::integer)
            .and_then(|seconds| u64::try_from(seconds).ok());
        let seconds = seconds.filter(|seconds| *seconds > 0);
        let missing = || {
            Error::malformed(
                &TOKEN,
                "the answer does not say how long the token is valid",
                String::new(),
            )
        };
        Ok((value, seconds.ok_or_else(missing)?))
    }

    /// The one way to the network.
    async fn ask(
        &self,
        call: &'static Call,
        payload: &Payload<'_>,
        token: Option<&SecretString>,
    ) -> Result<Answer, Error> {
        let Inner { http, base, secret, peer, .. } = &*self.0;
        wire::ask(&wire::Road { http, base, secret, peer }, call, payload, token).await
    }
}
