//! What the canonical form keeps, changes and refuses.

use proptest::prelude::*;
use serde_json::{Number, Value, json};

use super::*;

fn canonical_of(text: &str) -> Result<String, CanonicalError> {
    canonical_object(&RawValue::from_string(text.to_owned()).expect("JSON")).map(String::from)
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
        assert_eq!(canonical_of(&format!(r#"{{"a":{written}}}"#)), Ok(format!(r#"{{"a":{printed}}}"#)), "{written}");
    }
}

#[test]
fn numbers_that_would_not_survive_are_refused() {
    for written in ["9007199254740993", "-9007199254740993", "123456789012345678901", "1e400", "-1e999", "1e-400"] {
        let refused = canonical_of(&format!(r#"{{"a":{written}}}"#));
        assert_eq!(refused, Err(CanonicalError::Number(written.to_owned())), "{written}");
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
    assert_eq!(canonical_of("[1]"), Err(CanonicalError::NotAnObject));
    assert_eq!(canonical_of(r#"{"a":{"k":1,"k":2}}"#), Err(CanonicalError::DuplicateKey("k".to_owned())));
    assert_eq!(canonical_of(r#"{"a":1,"\u0061":2}"#), Err(CanonicalError::DuplicateKey("a".to_owned())));
    assert!(matches!(canonical_of(r#"{"a":"\ud800"}"#), Err(CanonicalError::LoneSurrogate)));
    assert!(matches!(canonical_of(r#"{"\udc00":1}"#), Err(CanonicalError::LoneSurrogate)));
}

#[test]
fn size_and_depth_have_their_limits() {
    let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    assert!(canonical_of(&deep(MAX_LEVELS)).is_ok());
    assert_eq!(canonical_of(&deep(MAX_LEVELS + 1)), Err(CanonicalError::TooDeep));
    let wide = |size: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(size - 8));
    assert!(canonical_of(&wide(MAX_SIZE)).is_ok());
    assert_eq!(canonical_of(&wide(MAX_SIZE + 1)), Err(CanonicalError::TooLarge(MAX_SIZE + 1)));
}

/// Any metadata that is accepted: keys that look like indexes, texts of every plane, numbers of every size.
fn metadata() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        (-(1i64 << 53)..=1 << 53).prop_map(Value::from),
        // Between 2^53 and 1e21 a number is printed as an integer, which would be refused if it were sent so.
        any::<f64>().prop_filter_map("no number of its own", |number| {
            let printed_as_integer = (9e15..1e21).contains(&number.abs());
            Some(Value::Number(Number::from_f64(number).filter(|_| !printed_as_integer)?))
        }),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number,
        any::<String>().prop_map(Value::String)
    ];
    let key =
        prop_oneof![any::<String>(), (0u64..=1 << 33).prop_map(|key| key.to_string()), Just("__proto__".to_owned())];
    let tree = leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::vec((any::<String>(), tree), 0..6)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

proptest! {
    #[test]
    fn the_canonical_form_has_the_same_value_and_is_its_own_canonical_form(value in metadata()) {
        match canonical_of(&value.to_string()) {
            Ok(text) => {
                prop_assert_eq!(canonical_of(&text), Ok(text.clone()));
                let read: Value = serde_json::from_str(&text).expect("JSON");
                prop_assert_eq!(as_javascript(&read), as_javascript(&value));
            }
            Err(error) => prop_assert!(matches!(error, CanonicalError::TooLarge(_)), "{:?}", error),
        }
    }
}

/// A value with each number as JavaScript holds it: 1 and 1.0 are one, and so are 0 and -0.
fn as_javascript(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().map(|number| number + 0.0)),
        Value::Array(list) => list.iter().map(as_javascript).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), as_javascript(value))).collect(),
        value => value.clone(),
    }
}

#[test]
fn what_whatsapp_sends_survives_javascript_and_loses_nothing() {
    let foreign = |text: &str| canonical_foreign(serde_json::from_str(text).expect("JSON")).map(String::from);
    for (sent, repeated) in [
        (r#"{"mime_type":"image\/jpeg", "caption":"Ol\u00e1"}"#, r#"{"mime_type":"image/jpeg","caption":"Olá"}"#),
        (r#"{"b":1.0,"10":1e3,"2":-0}"#, r#"{"2":0,"10":1000,"b":1}"#),
        (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
        (r#"[12345678901234567890,1e400,"x"]"#, r#"["12345678901234567890","1e400","x"]"#),
    ] {
        assert_eq!(foreign(sent).as_deref(), Some(repeated), "{sent}");
        assert_eq!(foreign(repeated).as_deref(), Some(repeated), "it is canonical");
    }
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(foreign(&nested(64)).is_some() && foreign(&nested(65)).is_none());
}
