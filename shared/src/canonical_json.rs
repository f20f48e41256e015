//! JSON that webhooks repeat, in canonical form: the text that `JSON.stringify(JSON.parse(text))` gives back unchanged.
//!
//! Customers verify a webhook's signature over exactly that. So numbers are printed as ECMAScript prints them
//! (ECMA-262, Number::toString), array-index keys come first and ascending as its objects order them
//! (ECMA-262, OrdinaryOwnPropertyKeys), and what would not survive is refused.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Bytes of the canonical text (contract).
const MAX_SIZE: usize = 4096;
/// Objects and lists within one another (contract).
const MAX_LEVELS: usize = 8;
/// Up to here ECMAScript's numbers tell all integers apart.
pub const MAX_INTEGER: u64 = 1 << 53;
/// The greatest key that ECMAScript orders as an array index.
const MAX_INDEX: u32 = u32::MAX - 1;

/// JSON that a webhook could not repeat unchanged.
#[derive(Debug, PartialEq)]
pub enum CanonicalError {
    /// It is a list, a text or a number.
    NotAnObject,
    /// Its canonical text has this many bytes.
    TooLarge(usize),
    /// It goes deeper than is taken.
    TooDeep,
    /// A key stands twice in one object.
    DuplicateKey(String),
    /// A number that ECMAScript can't hold.
    Number(String),
    /// A text or a key with half of a surrogate pair, and where.
    HalfPair(String),
}

impl fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("must be a JSON object"),
            Self::TooLarge(size) => write!(f, "has {size} bytes; at most {MAX_SIZE} are taken"),
            Self::TooDeep => write!(f, "goes deeper than {MAX_LEVELS} levels"),
            Self::DuplicateKey(key) => write!(f, "has the key {key:?} twice"),
            Self::Number(text) => {
                write!(
                    f,
                    "has the number {text}, which JavaScript can't hold: send it as a text (integers reach to 2^53)"
                )
            }
            Self::HalfPair(place) => {
                write!(f, "has half of a surrogate pair, which is no character: send whole characters ({place})")
            }
        }
    }
}

/// The canonical text of an object.
pub fn canonical(json: &RawValue) -> Result<String, CanonicalError> {
    if !json.get().starts_with('{') {
        return Err(CanonicalError::NotAnObject);
    }
    canonical_value(json)
}

/// The canonical text of any value.
pub fn canonical_value(json: &RawValue) -> Result<String, CanonicalError> {
    let mut text = String::new();
    write_value(json, 1, &mut text)?;
    if text.len() > MAX_SIZE {
        return Err(CanonicalError::TooLarge(text.len()));
    }
    Ok(text)
}

fn write_value(json: &RawValue, level: usize, text: &mut String) -> Result<(), CanonicalError> {
    match json.get().as_bytes()[0] {
        b'{' | b'[' if level > MAX_LEVELS => Err(CanonicalError::TooDeep),
        b'{' => write_object(json, level, text),
        b'[' => write_list(json, level, text),
        b'"' => write_string(&parse::<String>(json)?, text),
        b't' | b'f' | b'n' => {
            text.push_str(json.get());
            Ok(())
        }
        _ => write_number(json.get(), text),
    }
}

fn write_object(json: &RawValue, level: usize, text: &mut String) -> Result<(), CanonicalError> {
    let mut members = members(json)?;
    if let Some(key) = duplicate(&members) {
        return Err(CanonicalError::DuplicateKey(key));
    }
    // A stable sort: array indexes ascending, then everything else in the order given.
    members.sort_by_key(|(key, _)| array_index(key).map_or((1, 0), |index| (0, index)));
    text.push('{');
    for (position, (key, value)) in members.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        write_string(key, text)?;
        text.push(':');
        write_value(value, level + 1, text)?;
    }
    text.push('}');
    Ok(())
}

fn write_list(json: &RawValue, level: usize, text: &mut String) -> Result<(), CanonicalError> {
    text.push('[');
    for (position, value) in elements(json)?.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        write_value(value, level + 1, text)?;
    }
    text.push(']');
    Ok(())
}

/// serde_json escapes exactly what `JSON.stringify` escapes, in the same form.
fn write_string(value: &str, text: &mut String) -> Result<(), CanonicalError> {
    let quoted = serde_json::to_string(value).map_err(CanonicalError::half_pair)?;
    text.push_str(&quoted);
    Ok(())
}

fn write_number(written: &str, text: &mut String) -> Result<(), CanonicalError> {
    let lost = || CanonicalError::Number(written.chars().take(40).collect());
    let value: f64 = written.parse().map_err(|_| lost())?;
    let mantissa = written.split(['e', 'E']).next().unwrap_or_default();
    let vanished = value == 0.0 && mantissa.contains(|c: char| ('1'..='9').contains(&c));
    let integer = !written.contains(['.', 'e', 'E']);
    let rounded = integer && !written.parse().is_ok_and(|exact: i64| exact.unsigned_abs() <= MAX_INTEGER);
    if !value.is_finite() || vanished || rounded {
        return Err(lost());
    }
    text.push_str(ryu_js::Buffer::new().format(value));
    Ok(())
}

fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || !key.starts_with(['0', '+']);
    key.parse().ok().filter(|index| canonical && *index <= MAX_INDEX)
}

type Member<'a> = (String, &'a RawValue);

fn duplicate(members: &[Member<'_>]) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    members.iter().find(|(key, _)| !seen.insert(key.as_str())).map(|(key, _)| key.clone())
}

fn members(json: &RawValue) -> Result<Vec<Member<'_>>, CanonicalError> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<Member<'de>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    serde_json::Deserializer::from_str(json.get()).deserialize_map(Members).map_err(CanonicalError::half_pair)
}

fn elements(json: &RawValue) -> Result<Vec<&RawValue>, CanonicalError> {
    struct Elements;
    impl<'de> Visitor<'de> for Elements {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = list.next_element()? {
                elements.push(element);
            }
            Ok(elements)
        }
    }
    serde_json::Deserializer::from_str(json.get()).deserialize_seq(Elements).map_err(CanonicalError::half_pair)
}

fn parse<'a, T: serde::Deserialize<'a>>(json: &'a RawValue) -> Result<T, CanonicalError> {
    serde_json::from_str(json.get()).map_err(CanonicalError::half_pair)
}

impl CanonicalError {
    /// Everything else that can be wrong with JSON was found when the raw value was read.
    fn half_pair(error: serde_json::Error) -> Self {
        Self::HalfPair(error.to_string())
    }
}

#[cfg(test)]
mod tests;
