//! JSON that webhooks repeat, in canonical form: the text that `JSON.stringify(JSON.parse(text))` leaves unchanged.
//!
//! Customers verify a webhook's signature over exactly that text. So numbers are printed as ECMAScript prints them
//! (ECMA-262, Number::toString), array-index keys come first and ascending as its objects order them
//! (ECMA-262, OrdinaryOwnPropertyKeys), and values that would not survive are refused.

use std::collections::{HashMap, HashSet};

use serde_json::value::RawValue;
use serde_with::{DeserializeAs as _, Map, Same};

use crate::json_text::JsonText;

/// Bytes of the canonical text (contract).
const MAX_SIZE: usize = 4096;
/// Objects and lists within one another (contract).
const MAX_LEVELS: usize = 8;
/// The same of what WhatsApp sends; its own objects have less than ten.
const MAX_FOREIGN_LEVELS: usize = 64;
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
    let text = write(json, Rules { levels: MAX_LEVELS, is_ours: true })?;
    if text.as_str().len() > MAX_SIZE {
        return Err(CanonicalError::TooLarge(text.as_str().len()));
    }
    Ok(text)
}

/// The canonical text of a value that WhatsApp sent, which nobody can correct: of a key that is there twice, the last value
/// counts, as in ECMAScript; a number that ECMAScript cannot represent becomes a string of its digits. One that is nested more
/// than 64 levels deep, or has a lone surrogate, has none.
pub fn canonical_foreign(json: &RawValue) -> Option<JsonText> {
    write(json, Rules { levels: MAX_FOREIGN_LEVELS, is_ours: false }).ok()
}

/// What is refused.
#[derive(Clone, Copy)]
struct Rules {
    /// Objects and lists within one another.
    levels: usize,
    /// Whether a customer wrote it, who can correct it.
    is_ours: bool,
}

fn write(json: &RawValue, rules: Rules) -> Result<JsonText, CanonicalError> {
    let mut text = String::new();
    write_value(json, rules, &mut text)?;
    Ok(JsonText::try_from(text).expect("canonical JSON is JSON"))
}

fn write_value(json: &RawValue, rules: Rules, text: &mut String) -> Result<(), CanonicalError> {
    let inside = || rules.levels.checked_sub(1).map(|levels| Rules { levels, ..rules }).ok_or(CanonicalError::TooDeep);
    match json.get().as_bytes()[0] {
        b'{' => write_object(json, inside()?, text),
        b'[' => write_list(json, inside()?, text),
        b'"' => write_string(&parse::<String>(json)?, text),
        b't' | b'f' | b'n' => {
            text.push_str(json.get());
            Ok(())
        }
        _ => match write_number(json.get(), text) {
            Err(_) if !rules.is_ours => write_string(json.get(), text),
            written => written,
        },
    }
}

fn write_object(json: &RawValue, rules: Rules, text: &mut String) -> Result<(), CanonicalError> {
    let mut members = members(json)?;
    if let Some(key) = duplicate(&members) {
        if rules.is_ours {
            return Err(CanonicalError::DuplicateKey(key));
        }
        members = with_last_values(members);
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
        write_value(value, rules, text)?;
    }
    text.push('}');
    Ok(())
}

fn write_list(json: &RawValue, rules: Rules, text: &mut String) -> Result<(), CanonicalError> {
    text.push('[');
    for (position, value) in parse::<Vec<&RawValue>>(json)?.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        write_value(value, rules, text)?;
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
    let mut seen = HashSet::new();
    members.iter().find(|(key, _)| !seen.insert(key.as_str())).map(|(key, _)| key.clone())
}

/// Each key once, at its first place and with its last value.
fn with_last_values(members: Vec<Member<'_>>) -> Vec<Member<'_>> {
    let last: HashMap<String, &RawValue> = members.iter().cloned().collect();
    let mut seen = HashSet::new();
    let firsts = members.into_iter().filter(|(key, _)| seen.insert(key.clone()));
    firsts.map(|(key, value)| (key.clone(), last.get(&key).copied().unwrap_or(value))).collect()
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
