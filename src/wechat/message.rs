//! A template message as a value: checked whole when it is built, so that sending it cannot fail for its shape.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::field::{self, FieldError, KeyKind};

/// The longest `client_msg_id`. WeChat documents none for this call; 36 were refused by a sibling (45067).
const LONGEST_CLIENT_MSG_ID: usize = 32;

/// A message that is fit to be sent. Serialises to exactly the JSON that goes to `/cgi-bin/message/template/send`,
/// keys in a stable order, and reads it back.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateMessage {
    touser: String,
    template_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    miniprogram: Option<MiniProgram>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_msg_id: Option<String>,
    data: BTreeMap<String, Value>,
}

#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
struct MiniProgram {
    appid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pagepath: Option<String>,
}

#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
struct Value {
    value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    color: Option<String>,
}

/// Why a message was not built. Names keys, never values or the openid.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// No openid.
    #[error("the openid is empty")]
    NoOpenid,
    /// An openid with a space or control character in it.
    #[error("the openid has a space or control character in it")]
    BadOpenid,
    /// No template id.
    #[error("the template id is empty")]
    NoTemplateId,
    /// A template id with a space or control character in it.
    #[error("the template id has a space or control character in it")]
    BadTemplateId,
    /// Not 1 to 32 letters, digits, `_` or `-`.
    #[error("the client_msg_id must be 1 to 32 letters, digits, `_` or `-`")]
    ClientMsgId,
    /// Not an http or https link without spaces.
    #[error("the link must begin with https:// or http:// and have no spaces")]
    Url,
    /// A mini-program without an app id, or with a space in it or in its page path.
    #[error("the mini-program needs an app id, and neither it nor the page path may have spaces")]
    MiniProgram,
    /// A message without any field.
    #[error("the message has no field")]
    NoField,
    /// A key that is not letters, digits and `_`, such as one with `.DATA` still on it.
    #[error("{key:?} is not a key: use letters, digits and `_`, without `.DATA`")]
    BadKey {
        /// The key.
        key: String,
    },
    /// The same key twice.
    #[error("{key} is given twice")]
    Twice {
        /// The key.
        key: String,
    },
    /// The template asks for a key that the message does not have: WeChat answers 47003.
    #[error("{key} is missing: the template asks for it")]
    Missing {
        /// The key.
        key: String,
    },
    /// A key that the template does not have.
    #[error("{key} is not a key of the template")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// Not `#` and six hexadecimal digits.
    #[error("the color of {key} must be # and six hexadecimal digits")]
    Color {
        /// The key.
        key: String,
    },
    /// A value that its key does not take.
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// Gathers a message; [`build`](Self::build) checks it.
#[derive(Clone)]
pub struct MessageBuilder {
    message: TemplateMessage,
    fields: Vec<(String, Value)>,
    layout: Option<BTreeSet<String>>,
    max: BTreeMap<String, usize>,
}

impl TemplateMessage {
    /// Begins a message to `openid`, an id of the sending account, with one of the account's own templates.
    pub fn builder(openid: impl Into<String>, template_id: impl Into<String>) -> MessageBuilder {
        let message = Self {
            touser: openid.into(),
            template_id: template_id.into(),
            url: None,
            miniprogram: None,
            client_msg_id: None,
            data: BTreeMap::new(),
        };
        MessageBuilder { message, fields: Vec::new(), layout: None, max: BTreeMap::new() }
    }

    /// Whom it is for.
    pub fn openid(&self) -> &str {
        &self.touser
    }

    /// The template.
    pub fn template_id(&self) -> &str {
        &self.template_id
    }

    /// The id by which WeChat knows a repetition for 10 minutes.
    pub fn client_msg_id(&self) -> Option<&str> {
        self.client_msg_id.as_deref()
    }

    /// The link that a tap opens.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Keys and values, in the order of the keys.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.data.iter().map(|(key, field)| (key.as_str(), field.value.as_str()))
    }
}

/// Shows which keys there are and nothing that is in them.
impl fmt::Debug for TemplateMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateMessage").field("keys", &self.data.keys()).finish_non_exhaustive()
    }
}

impl fmt::Debug for MessageBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.fields.iter().map(|(key, _)| key).collect();
        f.debug_struct("MessageBuilder").field("keys", &keys).finish_non_exhaustive()
    }
}

impl MessageBuilder {
    /// A key, without `.DATA`, and its value.
    #[must_use]
    pub fn field(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((key.into(), Value { value: value.into(), color: None }));
        self
    }

    /// A key and its value in a colour such as `#173177`. WeChat takes colours and has shown none since 2023-05-04.
    #[must_use]
    pub fn colored_field(
        mut self,
        key: impl Into<String>,
        value: impl Into<String>,
        color: impl Into<String>,
    ) -> Self {
        self.fields.push((key.into(), Value { value: value.into(), color: Some(color.into()) }));
        self
    }

    /// The link that a tap opens. Accounts registered overseas cannot have one.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.message.url = Some(url.into());
        self
    }

    /// The mini-program that a tap opens, linked with the account; a [`url`](Self::url) is then the fallback of
    /// old WeChat versions. An empty `pagepath` means its first page.
    #[must_use]
    pub fn miniprogram(mut self, app_id: impl Into<String>, pagepath: impl Into<String>) -> Self {
        let pagepath = Some(pagepath.into()).filter(|path| !path.is_empty());
        self.message.miniprogram = Some(MiniProgram { appid: app_id.into(), pagepath });
        self
    }

    /// The id by which WeChat knows a repetition for 10 minutes: 1 to 32 of `[A-Za-z0-9_-]`.
    #[must_use]
    pub fn client_msg_id(mut self, id: impl Into<String>) -> Self {
        self.message.client_msg_id = Some(id.into());
        self
    }

    /// The template's keys: each must be present, and no other. `first` and `remark` may come along all the same.
    #[must_use]
    pub fn required<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.layout.get_or_insert_default().extend(keys.into_iter().map(Into::into));
        self
    }

    /// How many characters a `keywordN` may have instead of 20. It cannot raise the limit of another kind.
    #[must_use]
    pub fn max(mut self, key: impl Into<String>, characters: usize) -> Self {
        self.max.insert(key.into(), characters);
        self
    }

    /// The message, if all of it is as WeChat wants it.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn build(mut self) -> Result<TemplateMessage, MessageError> {
        self.check_address()?;
        for (key, value) in std::mem::take(&mut self.fields) {
            self.check_key(&key)?;
            field::check(&key, &value.value, self.max.get(&key).copied())?;
            if value.color.as_deref().is_some_and(|color| !is_color(color)) {
                return Err(MessageError::Color { key });
            }
            if self.message.data.insert(key.clone(), value).is_some() {
                return Err(MessageError::Twice { key });
            }
        }
        let missing =
            self.layout.iter().flatten().find(|key| !self.message.data.contains_key(*key));
        if let Some(key) = missing {
            return Err(MessageError::Missing { key: key.clone() });
        }
        if self.message.data.is_empty() { Err(MessageError::NoField) } else { Ok(self.message) }
    }

    fn check_address(&self) -> Result<(), MessageError> {
        let TemplateMessage { touser, template_id, url, miniprogram, client_msg_id, .. } =
            &self.message;
        let checks = [
            (touser.is_empty(), MessageError::NoOpenid),
            (has_gap(touser), MessageError::BadOpenid),
            (template_id.is_empty(), MessageError::NoTemplateId),
            (has_gap(template_id), MessageError::BadTemplateId),
            (
                client_msg_id.as_deref().is_some_and(|id| !is_client_msg_id(id)),
                MessageError::ClientMsgId,
            ),
            (url.as_deref().is_some_and(|url| !is_link(url)), MessageError::Url),
            (
                miniprogram.as_ref().is_some_and(|program| !program.is_whole()),
                MessageError::MiniProgram,
            ),
        ];
        checks.into_iter().find(|(wrong, _)| *wrong).map_or(Ok(()), |(_, error)| Err(error))
    }

    fn check_key(&self, key: &str) -> Result<(), MessageError> {
        let key = || key.to_owned();
        if key().is_empty()
            || !key().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(MessageError::BadKey { key: key() });
        }
        let known = |layout: &BTreeSet<String>| {
            layout.contains(&key()) || KeyKind::of(&key()) == KeyKind::Unshown
        };
        if self.layout.as_ref().is_some_and(|layout| !known(layout)) {
            return Err(MessageError::UnknownKey { key: key() });
        }
        Ok(())
    }
}

impl MiniProgram {
    fn is_whole(&self) -> bool {
        !self.appid.is_empty()
            && !has_gap(&self.appid)
            && !self.pagepath.as_deref().is_some_and(has_gap)
    }
}

fn has_gap(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn is_client_msg_id(id: &str) -> bool {
    (1..=LONGEST_CLIENT_MSG_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn is_color(color: &str) -> bool {
    let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_link(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && !has_gap(url)
}

#[cfg(test)]
mod tests;
