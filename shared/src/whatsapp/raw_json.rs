//! Access to JSON of which only parts are read: an invalid value does not affect the others, and what is not read takes no
//! memory, however large it is.

use std::fmt;

use serde::de::{Deserialize, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::canonical_json::canonical_foreign;
use crate::clock::Timestamp;
use crate::json_text::JsonText;
use crate::provider_ids::{is_graph_id, is_type_name};
use crate::text::truncated;
use crate::whatsapp::lone_surrogates;
use crate::whatsapp::text_limits::MAX_EXPLANATION;

/// A field of an object, the last one if the object repeats it; none of anything else.
pub fn field<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    struct Field<'n>(&'n str);
    impl<'de> Visitor<'de> for Field<'_> {
        type Value = Option<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            // Keys are compared as they are written: one with a lone surrogate cannot be parsed.
            while let Some(key) = map.next_key::<&RawValue>()? {
                if key.get().trim_matches('"') == self.0 {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    serde_json::Deserializer::from_str(object.get()).deserialize_map(Field(name)).ok()?
}

/// Visits the elements of an array; there are none in anything else.
pub fn for_each<'a>(array: &'a RawValue, visit: &mut dyn FnMut(&'a RawValue)) {
    struct Elements<'v, 'de>(&'v mut dyn FnMut(&'de RawValue));
    impl<'de> Visitor<'de> for Elements<'_, 'de> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
            while let Some(element) = elements.next_element()? {
                (self.0)(element);
            }
            Ok(())
        }
    }
    // An error means that it is no array: all of it is valid JSON.
    drop(serde_json::Deserializer::from_str(array.get()).deserialize_seq(Elements(visit)));
}

/// Parses a value, even if a string in it has a lone surrogate.
pub fn parse<T: for<'de> Deserialize<'de>>(json: &RawValue) -> Option<T> {
    let parsed = serde_json::from_str(json.get());
    parsed.or_else(|_| serde_json::from_str(&lone_surrogates::replace(json.get()))).ok()
}

/// A field that is a string.
pub fn text(object: &RawValue, name: &str) -> Option<String> {
    field(object, name).and_then(parse)
}

/// A whole number, written as a number or as text.
pub fn integer(json: &RawValue) -> Option<i64> {
    parse(json).or_else(|| parse::<String>(json)?.parse().ok())
}

/// A time in seconds since the epoch, written as a number or as text.
pub fn time_of(json: &RawValue) -> Option<Timestamp> {
    integer(json).map(Timestamp::from_secs)
}

/// A field that is a word of WhatsApp's, known or not: short, and of printable characters.
pub fn word(object: &RawValue, name: &str) -> Option<String> {
    text(object, name).filter(|word| is_type_name(word))
}

/// A field that is an id of the Graph API, written as a number or as text.
pub fn id(object: &RawValue, name: &str) -> Option<String> {
    field(object, name).and_then(id_of)
}

/// An id of the Graph API, written as a number or as text.
pub fn id_of(json: &RawValue) -> Option<String> {
    let id = parse::<u64>(json).map(|id| id.to_string()).or_else(|| parse(json));
    id.filter(|id| is_graph_id(id))
}

/// A field that is a text for people, within bounds.
pub fn explanation(object: &RawValue, name: &str) -> Option<String> {
    text(object, name).map(|text| truncated(text, MAX_EXPLANATION))
}

/// WhatsApp's own object as webhooks can repeat it; none if it is too large or nested too deeply.
pub fn canonical(object: Option<&RawValue>, most: usize) -> Option<Option<JsonText>> {
    let Some(object) = object else { return Some(None) };
    if object.get().len() > most {
        return None;
    }
    let object = RawValue::from_string(lone_surrogates::replace(object.get())).ok()?;
    canonical_foreign(&object).filter(|object| object.as_str().len() <= most).map(Some)
}

/// Whether a value is an object.
pub fn is_object(json: &RawValue) -> bool {
    json.get().starts_with('{')
}

/// Whether a value is an array.
pub fn is_array(json: &RawValue) -> bool {
    json.get().starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn a_field_is_found_beside_values_and_keys_that_cannot_be_parsed() {
        let object = raw(r#"{"a":1e400,"\ud83d":{"b":0},"b":"\ud83d","c":[1,{"b":2}],"c":3}"#);
        assert_eq!(field(object, "b").and_then(parse::<String>).as_deref(), Some("\u{fffd}"));
        assert_eq!(field(object, "c").map(RawValue::get), Some("3"));
        assert!(field(object, "d").is_none() && field(raw("[]"), "b").is_none() && field(raw("5"), "b").is_none());
    }

    #[test]
    fn a_whole_number_may_be_written_as_text() {
        for (json, number) in [("5", Some(5)), (r#""-5""#, Some(-5)), ("5.5", None), ("true", None), (r#""5 ""#, None)]
        {
            assert_eq!(integer(raw(json)), number, "{json}");
        }
    }

    #[test]
    fn elements_are_visited_in_order() {
        let visited = |text| {
            let mut visited = Vec::new();
            for_each(raw(text), &mut |element| visited.push(element.get()));
            visited
        };
        assert_eq!(visited(r#"[1e400,"\ud83d",[2]]"#), ["1e400", r#""\ud83d""#, "[2]"]);
        assert!(visited("{}").is_empty() && visited("null").is_empty());
    }
}
