//! Events that somebody else received and passes on: one or many, XML or JSON.

use serde_json::Value;

use super::fields::Fields;
use super::{CallbackError, Event};

/// Every event in `body`, each read or refused by itself: one XML or JSON document, a JSON array, or one document a line.
///
/// They carry no signature: whoever passes them on must be trusted for another reason. Encrypted ones are refused.
///
/// # Errors
/// [`CallbackError::Malformed`] when nothing in it can be an event.
pub fn forwarded(body: &[u8]) -> Result<Vec<Result<Event, CallbackError>>, CallbackError> {
    let text =
        std::str::from_utf8(body).map_err(|_| CallbackError::Malformed("it is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.as_bytes().first() {
        None => return Err(CallbackError::Malformed("it is empty")),
        Some(b'[') => {
            let all: Vec<Value> = serde_json::from_str(text)
                .map_err(|_| CallbackError::Malformed("it is not a valid JSON array"))?;
            return Ok(all
                .iter()
                .map(|one| Fields::of_json(one).and_then(|f| event(&f)))
                .collect());
        }
        Some(b'<' | b'{') => {}
        Some(_) => return Err(CallbackError::Malformed("it is neither XML nor JSON")),
    }
    // One document may have line breaks in it; several have one a line.
    let whole = Fields::read(text.as_bytes()).and_then(|fields| event(&fields));
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let starts = |line: &&str| line.starts_with("<xml") || line.starts_with('{');
    if whole.is_ok() || lines.len() < 2 || !lines.iter().skip(1).any(starts) {
        return Ok(vec![whole]);
    }
    Ok(lines.into_iter().map(|line| event(&Fields::read(line.as_bytes())?)).collect())
}

fn event(fields: &Fields) -> Result<Event, CallbackError> {
    if fields.get("Encrypt").is_some() && fields.get("MsgType").is_none() {
        return Err(CallbackError::Malformed(
            "it is encrypted; it must be decrypted before it is passed on",
        ));
    }
    Event::of(fields)
}
