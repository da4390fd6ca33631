//! The fields of a push, from XML or JSON, one level deep.
//!
//! Both are read from strangers: depth, number and size are limited, a document type is refused, and no entity is
//! expanded but the five of XML itself.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::CallbackError;

/// No push comes near these.
const DEEPEST: usize = 16;
const MOST_FIELDS: usize = 128;

/// Names and texts directly below the root; what lies deeper is left out.
#[derive(Default)]
pub(super) struct Fields(HashMap<String, String>);

impl Fields {
    /// Reads a body, by its first character.
    pub fn read(body: &[u8]) -> Result<Self, CallbackError> {
        let text =
            std::str::from_utf8(body).map_err(|_| CallbackError::Malformed("it is not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        match text.as_bytes().first() {
            Some(b'<') => xml(text),
            Some(b'{') => json(text),
            Some(_) => Err(CallbackError::Malformed("it is neither XML nor JSON")),
            None => Err(CallbackError::Malformed("it is empty")),
        }
    }

    /// The fields of a JSON object that is read already.
    pub fn of_json(value: &Value) -> Result<Self, CallbackError> {
        let object = value.as_object().ok_or(CallbackError::Malformed("it is no JSON object"))?;
        let mut fields = Self::default();
        for (name, value) in object {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            fields.add(name, text)?;
        }
        Ok(fields)
    }

    /// A field's text, if it has one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn add(&mut self, name: &str, text: String) -> Result<(), CallbackError> {
        if self.0.len() == MOST_FIELDS {
            return Err(CallbackError::Malformed("it has too many fields"));
        }
        match self.0.insert(name.to_owned(), text) {
            None => Ok(()),
            // Which of two would count is a question nobody should have to ask.
            Some(_) => Err(CallbackError::Malformed("it has a field twice")),
        }
    }
}

fn json(text: &str) -> Result<Fields, CallbackError> {
    let value =
        serde_json::from_str(text).map_err(|_| CallbackError::Malformed("it is not valid JSON"))?;
    Fields::of_json(&value)
}

fn xml(text: &str) -> Result<Fields, CallbackError> {
    let invalid = || CallbackError::Malformed("it is not valid XML");
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut fields, mut path, mut held) = (Fields::default(), Vec::<String>::new(), String::new());
    let mut ended = false;
    loop {
        match reader.read_event().map_err(|_| invalid())? {
            Event::Start(start) => {
                if ended || path.len() == DEEPEST {
                    return Err(invalid());
                }
                path.push(start.name().as_ref().to_owned());
                held.clear();
            }
            Event::End(_) => {
                let name = path.pop().ok_or_else(invalid)?;
                if path.len() == 1 {
                    fields.add(&name, std::mem::take(&mut held))?;
                }
                ended = path.is_empty();
            }
            Event::Text(text) if path.len() == 2 => held.push_str(&text),
            Event::CData(text) if path.len() == 2 => held.push_str(&text),
            Event::GeneralRef(reference) if path.len() == 2 => {
                let known = match reference.resolve_char_ref().map_err(|_| invalid())? {
                    Some(character) => character,
                    None => entity(&reference).ok_or_else(invalid)?,
                };
                held.push(known);
            }
            Event::Text(text) if path.is_empty() && !text.trim().is_empty() => {
                return Err(invalid());
            }
            Event::CData(_) | Event::GeneralRef(_) if path.is_empty() => return Err(invalid()),
            Event::DocType(_) => return Err(CallbackError::Malformed("it has a document type")),
            Event::Eof if ended => return Ok(fields),
            Event::Eof => return Err(invalid()),
            _ => {}
        }
    }
}

/// The five entities of XML itself.
fn entity(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}
