//! The body of a call that sends: what the connector's proposal says, and nothing else.

use super::json::Json;
use crate::serve::error::Invalid;

/// A message as a caller writes it.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Body {
    pub touser: String,
    pub template_id: String,
    pub url: Option<String>,
    pub client_msg_id: String,
    pub data: Vec<(String, Field)>,
}

/// One key of the template.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Field {
    pub value: String,
    pub color: Option<String>,
}

const TAKEN: [&str; 5] = ["touser", "template_id", "url", "client_msg_id", "data"];

impl Body {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Result<Self, Invalid> {
        let whole: Json = serde_json::from_slice(body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Invalid::syntax(format!("the body is not valid JSON at line {line}, column {column}"))
        })?;
        let Json::Object(entries) = whole else {
            return Err(Invalid::syntax(format!(
                "the body must be an object, not {}",
                whole.what()
            )));
        };
        let mut taken = [const { None }; TAKEN.len()];
        for (key, value) in entries {
            let Some(place) = TAKEN.iter().position(|known| *known == key) else {
                let known = TAKEN.join(", ");
                return Err(Invalid::of(shown(&key), format!("is not taken; {known} are")));
            };
            if taken[place].replace(value).is_some() {
                return Err(Invalid::of(key, "is given twice"));
            }
        }
        let [touser, template_id, url, client_msg_id, data] = taken;
        Ok(Self {
            touser: required("touser", touser)?,
            template_id: required("template_id", template_id)?,
            url: optional("url", url)?,
            client_msg_id: required("client_msg_id", client_msg_id)?,
            data: fields(data)?,
        })
    }
}

fn required(name: &str, value: Option<Json>) -> Result<String, Invalid> {
    optional(name, value)?.ok_or_else(|| Invalid::of(name, "is required"))
}

/// A text; forms leave an empty one where nothing was filled in.
fn optional(name: &str, value: Option<Json>) -> Result<Option<String>, Invalid> {
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) if text.is_empty() => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(other) => Err(Invalid::of(name, format!("must be a text, not {}", other.what()))),
    }
}

fn fields(data: Option<Json>) -> Result<Vec<(String, Field)>, Invalid> {
    match data {
        None | Some(Json::Null) => Err(Invalid::of("data", "is required")),
        Some(Json::Object(keys)) => keys
            .into_iter()
            .map(|(key, value)| {
                let field = field(&format!("data.{}", shown(&key)), value)?;
                Ok((key, field))
            })
            .collect(),
        Some(other) => Err(Invalid::of("data", format!("must be an object, not {}", other.what()))),
    }
}

fn field(path: &str, value: Json) -> Result<Field, Invalid> {
    let Json::Object(entries) = value else {
        let what = value.what();
        return Err(Invalid::of(path, format!("must be an object with a value, not {what}")));
    };
    let (mut text, mut color) = (None, None);
    for (name, value) in entries {
        let place = match name.as_str() {
            "value" => &mut text,
            "color" => &mut color,
            _ => {
                let name = shown(&name);
                return Err(Invalid::of(
                    format!("{path}.{name}"),
                    "is not taken; value and color are",
                ));
            }
        };
        if place.replace(value).is_some() {
            return Err(Invalid::of(format!("{path}.{name}"), "is given twice"));
        }
    }
    Ok(Field {
        value: required(&format!("{path}.value"), text)?,
        color: optional(&format!("{path}.color"), color)?,
    })
}

/// A name that a caller gave, fit to be told back to it.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = r#"{"touser":"o1","template_id":"t","url":"https://a","client_msg_id":"1",
        "data":{"thing1":{"value":"x","color":"\u0023173177"}}}"#;

    fn refused(text: &str) -> String {
        let invalid = Body::read(text.as_bytes()).err().unwrap();
        format!("{}: {}", invalid.field.as_deref().unwrap_or("-"), invalid.what)
    }

    #[test]
    fn the_proposals_body_is_read_whole() {
        let body = Body::read(WHOLE.as_bytes()).ok().unwrap();
        assert_eq!((&*body.touser, &*body.template_id, &*body.client_msg_id), ("o1", "t", "1"));
        assert_eq!(body.url.as_deref(), Some("https://a"));
        let (key, field) = &body.data[0];
        assert_eq!(
            (&**key, &*field.value, field.color.as_deref()),
            ("thing1", "x", Some("#173177"))
        );
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        insta::assert_snapshot!([
            refused(""),
            refused("[1]"),
            refused("{}"),
            refused(&WHOLE.replace("\"touser\":\"o1\"", "\"touser\":1")),
            refused(&WHOLE.replace("\"touser\":\"o1\"", "\"touser\":null")),
            refused(&WHOLE.replace("\"url\"", "\"topcolor\"")),
            refused(&WHOLE.replace("\"url\":\"https://a\"", "\"touser\":\"o2\"")),
            refused(&WHOLE.replace("{\"value\":\"x\"", "{\"value\":20")),
            refused(&WHOLE.replace("\"color\"", "\"colour\"")),
            refused(&WHOLE.replace("\"data\":{", "\"data\":{\"thing2\":\"x\",")),
            refused(&WHOLE.replace("\"data\":{", "\"data\":[{").replace("}}}", "}}]}")),
        ]
        .join("\n"), @r"
        -: the body is not valid JSON at line 1, column 0
        -: the body must be an object, not a list
        touser: is required
        touser: must be a text, not a number
        touser: is required
        topcolor: is not taken; touser, template_id, url, client_msg_id, data are
        touser: is given twice
        data.thing1.value: must be a text, not a number
        data.thing1.colour: is not taken; value and color are
        data.thing2: must be an object with a value, not a text
        data: must be an object, not a list
        ");
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Body::read(&bytes);
        }
    }
}
