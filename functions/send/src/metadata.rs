//! A customer's metadata in canonical form: the text that `JSON.stringify(JSON.parse(text))` gives back unchanged.
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
const MAX_INTEGER: u64 = 1 << 53;
/// The greatest key that ECMAScript orders as an array index.
const MAX_INDEX: u32 = u32::MAX - 1;

/// Metadata that a webhook could not repeat unchanged.
#[derive(Debug, PartialEq)]
pub enum MetadataError {
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
    /// A text with half of a surrogate pair, or another error of JSON.
    Json(String),
}

impl fmt::Display for MetadataError {
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
            Self::Json(error) => write!(f, "can't be read: {error}"),
        }
    }
}

/// The canonical text of a metadata object.
pub fn canonical(json: &RawValue) -> Result<String, MetadataError> {
    if !json.get().starts_with('{') {
        return Err(MetadataError::NotAnObject);
    }
    let mut text = String::new();
    write_value(json, 1, &mut text)?;
    if text.len() > MAX_SIZE {
        return Err(MetadataError::TooLarge(text.len()));
    }
    Ok(text)
}

fn write_value(json: &RawValue, level: usize, text: &mut String) -> Result<(), MetadataError> {
    match json.get().as_bytes()[0] {
        b'{' | b'[' if level > MAX_LEVELS => Err(MetadataError::TooDeep),
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

fn write_object(json: &RawValue, level: usize, text: &mut String) -> Result<(), MetadataError> {
    let mut members = members(json)?;
    if let Some(key) = duplicate(&members) {
        return Err(MetadataError::DuplicateKey(key));
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

fn write_list(json: &RawValue, level: usize, text: &mut String) -> Result<(), MetadataError> {
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
fn write_string(value: &str, text: &mut String) -> Result<(), MetadataError> {
    let quoted = serde_json::to_string(value).map_err(|error| MetadataError::Json(error.to_string()))?;
    text.push_str(&quoted);
    Ok(())
}

fn write_number(written: &str, text: &mut String) -> Result<(), MetadataError> {
    let lost = || MetadataError::Number(written.chars().take(40).collect());
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

fn members(json: &RawValue) -> Result<Vec<Member<'_>>, MetadataError> {
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
    serde_json::Deserializer::from_str(json.get()).deserialize_map(Members).map_err(MetadataError::json)
}

fn elements(json: &RawValue) -> Result<Vec<&RawValue>, MetadataError> {
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
    serde_json::Deserializer::from_str(json.get()).deserialize_seq(Elements).map_err(MetadataError::json)
}

fn parse<'a, T: serde::Deserialize<'a>>(json: &'a RawValue) -> Result<T, MetadataError> {
    serde_json::from_str(json.get()).map_err(MetadataError::json)
}

impl MetadataError {
    fn json(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical_of(text: &str) -> Result<String, MetadataError> {
        canonical(&RawValue::from_string(text.to_owned()).expect("JSON"))
    }

    #[test]
    fn numbers_are_printed_as_ecmascript_prints_them() {
        for (written, printed) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1e21", "1e+21"),
            ("1E-7", "1e-7"),
            ("5e-324", "5e-324"),
            ("123456789.0e-3", "123456.789"),
            ("100000000000000000000.0", "100000000000000000000"),
            ("9007199254740992", "9007199254740992"),
            ("0.1", "0.1"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ] {
            assert_eq!(
                canonical_of(&format!(r#"{{"a":{written}}}"#)),
                Ok(format!(r#"{{"a":{printed}}}"#)),
                "{written}"
            );
        }
    }

    #[test]
    fn numbers_that_would_not_survive_are_refused() {
        for written in ["9007199254740993", "-9007199254740993", "123456789012345678901", "1e400", "-1e999", "1e-400"] {
            let refused = canonical_of(&format!(r#"{{"a":{written}}}"#));
            assert_eq!(refused, Err(MetadataError::Number(written.to_owned())), "{written}");
        }
    }

    #[test]
    fn array_index_keys_come_first_and_ascending_and_the_others_as_given() {
        let given = r#"{"b":1,"10":2,"a":3,"2":4,"01":5,"-1":6,"4294967295":7,"4294967294":8,"0":9,"__proto__":10}"#;
        let ordered = r#"{"0":9,"2":4,"10":2,"4294967294":8,"b":1,"a":3,"01":5,"-1":6,"4294967295":7,"__proto__":10}"#;
        assert_eq!(canonical_of(given), Ok(ordered.to_owned()));
    }

    #[test]
    fn texts_keep_every_character_and_lose_needless_escapes() {
        let given = r#"{"a":"\u00e9\/\u2028\ud83d\ude00\u001f\n\"","é":[ true , null ]}"#;
        assert_eq!(canonical_of(given), Ok("{\"a\":\"é/\u{2028}😀\\u001f\\n\\\"\",\"é\":[true,null]}".to_owned()));
    }

    #[test]
    fn what_is_not_whole_or_not_an_object_is_refused() {
        assert_eq!(canonical_of("[1]"), Err(MetadataError::NotAnObject));
        assert_eq!(canonical_of(r#"{"a":{"k":1,"k":2}}"#), Err(MetadataError::DuplicateKey("k".to_owned())));
        assert_eq!(canonical_of(r#"{"a":1,"\u0061":2}"#), Err(MetadataError::DuplicateKey("a".to_owned())));
        assert!(matches!(canonical_of(r#"{"a":"\ud800"}"#), Err(MetadataError::Json(_))));
        assert!(matches!(canonical_of(r#"{"\udc00":1}"#), Err(MetadataError::Json(_))));
    }

    #[test]
    fn size_and_depth_have_their_limits() {
        let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        assert!(canonical_of(&deep(MAX_LEVELS)).is_ok());
        assert_eq!(canonical_of(&deep(MAX_LEVELS + 1)), Err(MetadataError::TooDeep));
        let wide = |size: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(size - 8));
        assert!(canonical_of(&wide(MAX_SIZE)).is_ok());
        assert_eq!(canonical_of(&wide(MAX_SIZE + 1)), Err(MetadataError::TooLarge(MAX_SIZE + 1)));
    }
}
