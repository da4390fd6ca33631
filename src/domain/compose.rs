//! From a visit or a prescription to the request body that will be posted.

use wechat::{MessageError, TemplateMessage};

use super::appointment::Appointment;
use super::key::{Key, mark};
use super::privacy::Privacy;
use super::reason::{Reason, Refusal};
use super::template::{Facts, Misfit, Rendered, Rendering, Template};

/// A template with all that is needed to fill it.
#[derive(Debug)]
pub struct Composer {
    /// The template.
    pub template: Template,
    /// WeChat's id of it.
    pub template_id: String,
    /// What clock fields need.
    pub rendering: Rendering,
    /// What a message may say.
    pub privacy: Privacy,
}

/// A composed message, checked whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// The request body.
    pub body: Box<str>,
    /// A one-way mark of the template and of what the message says; the same for every copy of it.
    pub hash: [u8; 32],
}

impl Content {
    /// The fields as the patient reads them, in the template's order.
    pub fn fields(&self) -> Vec<(String, String)> {
        let read = serde_json::from_str::<TemplateMessage>(&self.body);
        read.map(|message| {
            message.fields().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        })
        .unwrap_or_default()
    }
}

impl Composer {
    /// The reminder of a visit, `days` ahead, to `openid`.
    ///
    /// # Errors
    /// The refusal of the row: which field, and what is wrong with it.
    pub fn reminder(
        &self,
        visit: &Appointment,
        openid: &str,
        days: u16,
        key: &Key,
    ) -> Result<Content, Refusal> {
        let facts = Facts::of_visit(visit, days, &self.privacy);
        self.compose(&facts, openid, key, None).map_err(|misfit| Refusal {
            line: visit.line,
            column: Some(misfit.key.into()),
            reason: misfit.reason,
            detail: Some(misfit.detail.into()),
        })
    }

    /// A message of these facts to `openid`; the first half of `key` becomes its `client_msg_id`. `url` replaces the
    /// template's own.
    pub fn compose(
        &self,
        facts: &Facts,
        openid: &str,
        key: &Key,
        url: Option<&str>,
    ) -> Result<Content, Misfit> {
        let mut rendered = self.template.render(facts, &self.rendering)?;
        if let Some(url) = url {
            rendered.url = Some(url.to_owned());
        }
        let hash = self.hash(&rendered);
        let message = self.message(rendered, openid, key)?;
        let body = serde_json::to_string(&message).map_err(|_| Misfit {
            key: "message".to_owned(),
            reason: Reason::DoesNotFit,
            detail: "it cannot be written as JSON".to_owned(),
        })?;
        Ok(Content { body: body.into(), hash })
    }

    fn message(
        &self,
        rendered: Rendered,
        openid: &str,
        key: &Key,
    ) -> Result<TemplateMessage, Misfit> {
        let mut builder =
            TemplateMessage::builder(openid, &self.template_id).client_msg_id(key.client_msg_id());
        for field in self.template.fields() {
            if let Some(max) = field.max {
                builder = builder.max(&field.key, max);
            }
        }
        for (key, value) in rendered.fields {
            builder = builder.field(key, value);
        }
        if let Some(url) = rendered.url {
            builder = builder.url(url);
        }
        if let Some((app_id, page)) = rendered.miniprogram {
            builder = builder.miniprogram(app_id, page);
        }
        builder.build().map_err(|error| misfit(&error))
    }

    fn hash(&self, rendered: &Rendered) -> [u8; 32] {
        let mut parts: Vec<&str> = vec![&self.template_id];
        parts
            .extend(rendered.fields.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]));
        parts.push(rendered.url.as_deref().unwrap_or_default());
        if let Some((app_id, page)) = &rendered.miniprogram {
            parts.extend([app_id.as_str(), page.as_str()]);
        }
        mark("content", &parts)
    }
}

fn misfit(error: &MessageError) -> Misfit {
    let (key, reason) = match error {
        MessageError::NoOpenid | MessageError::BadOpenid => ("openid", Reason::MalformedOpenid),
        MessageError::NoTemplateId | MessageError::BadTemplateId => {
            ("template_id", Reason::MissingValue)
        }
        MessageError::Url => ("url", Reason::DoesNotFit),
        MessageError::MiniProgram => ("miniprogram", Reason::DoesNotFit),
        MessageError::Field(field) => (field.key.as_str(), Reason::DoesNotFit),
        _ => ("fields", Reason::DoesNotFit),
    };
    Misfit { key: key.to_owned(), reason, detail: error.to_string() }
}
