//! JSON as it stands: a key given twice is seen, where a map would keep one of the two without a word.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Text(String),
    Object(Vec<(String, Json)>),
    /// A number, a truth value or a list, which nothing here takes.
    Other(&'static str),
}

impl Json {
    /// What it is, for a message.
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "a text",
            Self::Object(_) => "an object",
            Self::Other(what) => what,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other("true or false"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Other("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other("a number"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        while list.next_element::<Json>()?.is_some() {}
        Ok(Json::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_values_of_a_key_that_is_given_twice_are_there() {
        let Ok(Json::Object(entries)) = serde_json::from_str(r#"{"a":"1","a":2,"b":null}"#) else {
            panic!("an object")
        };
        let found: Vec<_> = entries.iter().map(|(key, value)| (&**key, value.what())).collect();
        assert_eq!(found, [("a", "a text"), ("a", "a number"), ("b", "null")]);
    }

    proptest! {
        #[test]
        fn whatever_is_json_elsewhere_is_json_here(text in r#"[\[\]{}:,"0-9a-z\\ .\-]{0,40}"#) {
            let here = serde_json::from_str::<Json>(&text).is_ok();
            prop_assert_eq!(here, serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
