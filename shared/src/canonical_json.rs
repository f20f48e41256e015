//! JSON that webhooks repeat, in canonical form: the text that `JSON.stringify(JSON.parse(text))` leaves unchanged.
//!
//! Customers verify a webhook's signature over exactly that text. So numbers are printed as ECMAScript prints them
//! (ECMA-262, Number::toString), array-index keys come first and ascending as its objects order them
//! (ECMA-262, OrdinaryOwnPropertyKeys), and values that would not survive are refused.

use serde_json::value::RawValue;
use serde_with::{DeserializeAs as _, Map, Same};

use crate::json_text::JsonText;

/// Bytes of the canonical text (contract).
const MAX_SIZE: usize = 4096;
/// Objects and lists within one another (contract).
const MAX_LEVELS: usize = 8;
/// The greatest integer up to which ECMAScript represents all integers exactly.
pub const MAX_INTEGER: u64 = 1 << 53;
/// The greatest key that ECMAScript orders as an array index.
const MAX_INDEX: u32 = u32::MAX - 1;

/// Why JSON has no canonical form that a webhook could repeat unchanged. Displays as the end of a sentence that begins
/// with the field's name.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum CanonicalError {
    /// It is an array, a string or a number.
    #[error("must be a JSON object.")]
    NotAnObject,
    /// Its canonical text has this many bytes.
    #[error("has {0} bytes of JSON; at most {max} are allowed.", max = MAX_SIZE)]
    TooLarge(usize),
    /// It is nested too deeply.
    #[error("is nested more than {max} levels deep.", max = MAX_LEVELS)]
    TooDeep,
    /// An object has a key twice.
    #[error("has the key {0:?} twice in one object.")]
    DuplicateKey(String),
    /// A number that ECMAScript cannot represent.
    #[error("has the number {0}, which JavaScript cannot represent: send it as a string (integers reach to 2^53).")]
    Number(String),
    /// A string or a key with a lone surrogate.
    #[error("has a lone surrogate, which is no character: send whole characters.")]
    LoneSurrogate,
}

/// The canonical text of an object.
pub fn canonical_object(json: &RawValue) -> Result<JsonText, CanonicalError> {
    if !json.get().starts_with('{') {
        return Err(CanonicalError::NotAnObject);
    }
    canonical_value(json)
}

/// The canonical text of any value.
pub fn canonical_value(json: &RawValue) -> Result<JsonText, CanonicalError> {
    let mut text = String::new();
    write_value(json, 1, &mut text)?;
    if text.len() > MAX_SIZE {
        return Err(CanonicalError::TooLarge(text.len()));
    }
    Ok(JsonText::try_from(text).expect("canonical JSON is JSON"))
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
    for (position, value) in parse::<Vec<&RawValue>>(json)?.iter().enumerate() {
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
    text.push_str(&serde_json::to_string(value)?);
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

/// All members in their order, also those with the same key.
fn members(json: &RawValue) -> Result<Vec<Member<'_>>, CanonicalError> {
    Ok(Map::<Same, Same>::deserialize_as(&mut serde_json::Deserializer::from_str(json.get()))?)
}

fn parse<'a, T: serde::Deserialize<'a>>(json: &'a RawValue) -> Result<T, CanonicalError> {
    Ok(serde_json::from_str(json.get())?)
}

/// Every other error of JSON was found when the raw value was read.
impl From<serde_json::Error> for CanonicalError {
    fn from(_: serde_json::Error) -> Self {
        Self::LoneSurrogate
    }
}

#[cfg(test)]
mod tests;
