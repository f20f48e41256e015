//! Objects in WhatsApp's own form are posted as they were given, so they must be JSON that every parser reads in the same way.

use std::collections::HashSet;
use std::fmt;

use crate::http::ApiError;
use crate::http::request_body::joined;
use crate::text::truncated;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Objects and arrays within one another. Many parsers read no more than 128 of them, and the request to WhatsApp has more
/// around the object.
const MAX_LEVELS: usize = 100;
/// 2^63: from here on, JSON's integers are not integers for every parser, unless they fit into 64 bits.
const MAX_NUMBER: f64 = 9_223_372_036_854_775_808.0;
/// Characters of a path that an error shows.
const MAX_PATH: usize = 200;
/// What is wrong with a number.
const NUMBER: &str = "has a number that not every parser can represent: send it as a string (integers reach to 2^63).";
/// Checks the value of a field. The error's field is the place in it.
pub fn check(field: &str, json: &RawValue) -> Result<(), ApiError> {
    let mut track = serde_path_to_error::Track::new();
    read(json, &mut track).map_err(|error| {
        let place = truncated(joined(field, &track.path().to_string()), MAX_PATH);
        ApiError::invalid(&place, format!("`{place}` {}", problem(&error)))
    })
}

fn read(json: &RawValue, track: &mut serde_path_to_error::Track) -> Result<(), serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_str(json.get());
    Portable(1).deserialize(serde_path_to_error::Deserializer::new(&mut parser, track))
}

/// Every other error of JSON was found when the body was parsed.
fn problem(error: &serde_json::Error) -> String {
    let words = error.to_string();
    if error.is_data() {
        return words.split(" at line ").next().unwrap_or_default().to_owned();
    }
    if words.starts_with("number out of range") {
        return NUMBER.to_owned();
    }
    "has a lone surrogate, which is no character: send whole characters.".to_owned()
}

/// A value that every parser reads in the same way, at this level.
struct Portable(usize);

impl<'de> DeserializeSeed<'de> for Portable {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Portable {
    fn inner<E: Error>(&self) -> Result<usize, E> {
        if self.0 > MAX_LEVELS {
            return Err(E::custom(format_args!("is nested more than {MAX_LEVELS} levels deep.")));
        }
        Ok(self.0 + 1)
    }
}

impl<'de> Visitor<'de> for Portable {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    /// Integers of more than 64 bits come here as well.
    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        if number.abs() < MAX_NUMBER { Ok(()) } else { Err(E::custom(NUMBER)) }
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let level = self.inner()?;
        while elements.next_element_seed(Portable(level))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let level = self.inner()?;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if names.contains(&name) {
                let name = truncated(name, MAX_PATH);
                return Err(A::Error::custom(format_args!("has the member `{name}` twice: remove one.")));
            }
            names.insert(name);
            members.next_value_seed(Portable(level))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(json: &str) -> Result<(), String> {
        check("components", serde_json::from_str(json).expect("JSON")).map_err(|error| {
            assert!(error.message.starts_with(&format!("`{}` ", error.field.expect("a path"))), "{}", error.message);
            error.message
        })
    }

    #[test]
    fn what_every_parser_reads_alike_is_accepted() {
        let deep = format!("{}{}", "[".repeat(MAX_LEVELS), "]".repeat(MAX_LEVELS));
        for json in [
            "[]",
            r#"[ {"b":1.50,"a":"\ud83d\ude00 \u00e9","c":null, "n":[true,-9223372036854775808,18446744073709551615,1e-400]} ]"#,
            &deep,
        ] {
            assert_eq!(checked(json), Ok(()), "{json}");
        }
    }

    #[test]
    fn what_parsers_read_differently_is_refused_with_its_place() {
        let deep = format!(r#"[{{"a":{}1{}}}]"#, "[".repeat(130), "]".repeat(130));
        for (json, place, problem) in [
            (
                r#"[{"type":"body","parameters":[{"type":"text","text":"Ana \ud83d"}]}]"#,
                "[0].parameters[0].text",
                "lone",
            ),
            (r#"[{"a":"\ude00\ud83d"}]"#, "[0].a", "lone"),
            (r#"[1,{"a\ud83d":1}]"#, "[1]", "lone"),
            (r#"[{"a":[1e400]}]"#, "[0].a[0]", "number"),
            (r#"[{"a":18446744073709551616}]"#, "[0].a", "number"),
            (r#"[-9223372036854775809]"#, "[0]", "number"),
            (r#"{"a":{"b":1e400}}"#, ".a.b", "number"),
            (r#"[{"a":{"b":1,"c":2,"b":1}}]"#, "[0].a", "`b` twice"),
            (&deep, "[0].a[0][0]", "100 levels"),
        ] {
            let message = checked(json).expect_err(json);
            let named = message.starts_with(&format!("`components{place}"));
            assert!(named && message.contains(problem) && message.ends_with('.'), "{json}: {message}");
        }
    }
}
