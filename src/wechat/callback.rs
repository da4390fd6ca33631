//! What WeChat pushes to an account's callback URL: the check of the URL, and events in plain, compatible and safe mode.
//!
//! The rules are those of the official pages on message pushes and their encryption. Everything here is read from
//! strangers, so nothing panics, and what cannot be trusted is an error:
//!
//! * In plain mode the signature covers token, time and nonce, but not the body: whoever has seen one such request can
//!   make others. With an `EncodingAESKey`, only encrypted pushes are taken, also where plain fields stand beside.
//! * Compatible mode carries the same event twice, in plain and encrypted. Which of the two counts is decided by the key.
//!
//! ```
//! use secrecy::SecretString;
//! use wechat::callback::{Callback, Query};
//!
//! let callback = Callback::new("wxba5fad812f8e6fb9", SecretString::from("AAAAA"), None).unwrap();
//! let query = Query {
//!     signature: "f464b24fc39322e44b38aa78f5edd27bd1441696".into(),
//!     timestamp: "1714036504".into(),
//!     nonce: "1514711492".into(),
//!     echostr: "4375120948345356249".into(),
//!     ..Query::default()
//! };
//! assert_eq!(callback.handshake(&query).unwrap(), "4375120948345356249");
//! ```

mod cipher;
mod event;
mod fields;
mod forwarded;
mod signature;
#[cfg(test)]
mod tests;

use std::fmt;

use cipher::Cipher;
pub use event::{Event, Status, What};
use fields::Fields;
pub use forwarded::forwarded;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// No push is larger, in bytes: a receipt has 300, and an encrypted one 700.
pub const LARGEST_PUSH: usize = 64 * 1024;

/// Why a push, or what is to read it, cannot be used. Nothing here shows a token, a key or an openid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The token is not what the console takes.
    #[error("the token must be 3 to 32 letters and digits")]
    Token,
    /// The key is not what the console shows.
    #[error("the EncodingAESKey must be the 43 letters and digits that the console shows")]
    Key,
    /// The signature is missing or another.
    #[error("the signature is missing or wrong: the token differs, or the request is not WeChat's")]
    Signature,
    /// There is a key, and the push is not encrypted.
    #[error("the push is not encrypted although an EncodingAESKey is set")]
    NotEncrypted,
    /// The push is encrypted, and there is no key.
    #[error("the push is encrypted and no EncodingAESKey is set")]
    NoKey,
    /// It cannot be decrypted.
    #[error("the push cannot be decrypted: the EncodingAESKey differs, or it is damaged")]
    Garbled,
    /// It was encrypted for another account.
    #[error("the push is for another account: the app id in it differs")]
    OtherAccount,
    /// It cannot be read.
    #[error("the push cannot be read: {0}")]
    Malformed(&'static str),
}

impl CallbackError {
    /// Whether the push was not shown to be WeChat's: it is to be refused, not complained about.
    pub const fn is_forbidden(&self) -> bool {
        matches!(
            self,
            Self::Signature | Self::NotEncrypted | Self::NoKey | Self::Garbled | Self::OtherAccount
        )
    }
}

/// The parameters of the URL that a push comes to; those that a mode lacks are empty.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Over token, timestamp and nonce.
    pub signature: String,
    /// Seconds since 1970.
    pub timestamp: String,
    /// A random number.
    pub nonce: String,
    /// Over the same and the encrypted text.
    pub msg_signature: String,
    /// What the check of the URL wants to hear.
    pub echostr: String,
}

impl fmt::Debug for Query {
    /// Without its values: with them, anybody could make a plain push.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").finish_non_exhaustive()
    }
}

/// An account's receiver of pushes.
pub struct Callback {
    app_id: String,
    token: SecretString,
    cipher: Option<Cipher>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

impl Callback {
    /// A receiver with the console's Token, and its `EncodingAESKey` where pushes are encrypted.
    ///
    /// # Errors
    /// [`CallbackError::Token`] and [`CallbackError::Key`] for what the console would not take.
    pub fn new(
        app_id: impl Into<String>,
        token: SecretString,
        encoding_aes_key: Option<&SecretString>,
    ) -> Result<Self, CallbackError> {
        let text = token.expose_secret();
        if !(3..=32).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(CallbackError::Token);
        }
        let cipher = encoding_aes_key.map(|key| Cipher::new(key.expose_secret())).transpose()?;
        Ok(Self { app_id: app_id.into(), token, cipher })
    }

    /// The answer to WeChat's check of the URL (a GET): the text it sent, if the signature is right. It is not encrypted
    /// in any mode.
    ///
    /// # Errors
    /// [`CallbackError::Signature`].
    pub fn handshake<'q>(&self, query: &'q Query) -> Result<&'q str, CallbackError> {
        self.check_plain(query)?;
        // Without it this is no check; an echo is nothing that a page could be made of.
        let sound =
            !query.echostr.is_empty() && query.echostr.bytes().all(|b| b.is_ascii_graphic());
        if sound { Ok(&query.echostr) } else { Err(CallbackError::Malformed("it has no echostr")) }
    }

    /// The event of a push (a POST), if it is WeChat's and for this account. Nothing of the body is believed before its
    /// signature holds.
    ///
    /// # Errors
    /// Any but those of [`Callback::new`].
    pub fn open(&self, query: &Query, body: &[u8]) -> Result<Event, CallbackError> {
        if body.len() > LARGEST_PUSH {
            return Err(CallbackError::Malformed("it is too large"));
        }
        let Some(cipher) = &self.cipher else {
            self.check_plain(query)?;
            let fields = Fields::read(body)?;
            // Safe mode has nothing else; compatible mode has the event beside it.
            if fields.get("Encrypt").is_some() && fields.get("MsgType").is_none() {
                return Err(CallbackError::NoKey);
            }
            return Event::of(&fields);
        };
        let fields = Fields::read(body)?;
        let encrypted = fields.get("Encrypt").ok_or(CallbackError::NotEncrypted)?;
        self.check(&query.msg_signature, query, Some(encrypted))?;
        Event::of(&Fields::read(&cipher.decrypt(encrypted, &self.app_id)?)?)
    }

    /// The signature of a timestamp and a nonce, and of an encrypted text, as WeChat makes it.
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypted: Option<&str>) -> String {
        signature::hex(&signature::digest(&self.parts(timestamp, nonce, encrypted)))
    }

    /// A message encrypted for this account, such as a reply; 16 random bytes go before it.
    ///
    /// # Errors
    /// [`CallbackError::NoKey`].
    pub fn encrypt(&self, random: [u8; 16], message: &[u8]) -> Result<String, CallbackError> {
        let cipher = self.cipher.as_ref().ok_or(CallbackError::NoKey)?;
        Ok(cipher.encrypt(random, message, &self.app_id))
    }

    /// What was encrypted for this account, without a look at any signature.
    ///
    /// # Errors
    /// [`CallbackError::NoKey`], [`CallbackError::Garbled`] and [`CallbackError::OtherAccount`].
    pub fn decrypt(&self, encrypted: &str) -> Result<Vec<u8>, CallbackError> {
        let cipher = self.cipher.as_ref().ok_or(CallbackError::NoKey)?;
        cipher.decrypt(encrypted, &self.app_id)
    }

    fn check_plain(&self, query: &Query) -> Result<(), CallbackError> {
        self.check(&query.signature, query, None)
    }

    fn check(
        &self,
        given: &str,
        query: &Query,
        encrypted: Option<&str>,
    ) -> Result<(), CallbackError> {
        let parts = self.parts(&query.timestamp, &query.nonce, encrypted);
        if signature::is_of(given, &parts) { Ok(()) } else { Err(CallbackError::Signature) }
    }

    fn parts<'a>(
        &'a self,
        timestamp: &'a str,
        nonce: &'a str,
        encrypted: Option<&'a str>,
    ) -> Vec<&'a str> {
        [self.token.expose_secret(), timestamp, nonce].into_iter().chain(encrypted).collect()
    }
}
