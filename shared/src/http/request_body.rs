//! Request bodies: JSON parsed into an endpoint's request type, or an error that names the field.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::api_error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::strict_deserializer::Strict;

/// The largest body, in bytes (contract: 413 above).
pub const MAX_BODY: usize = 256 * 1024;

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// Begins an error of `Deserialize` that is for customers: the end of a sentence that begins with the field.
pub const BROKEN_RULE: &str = "rule: ";

/// Parses a body. Unknown fields are refused by name where `T` denies them.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    parse_up_to(MAX_BODY, body)
}

/// Parses a body of at most so many bytes.
pub fn parse_up_to<T: DeserializeOwned>(max: usize, body: &[u8]) -> Result<T, ApiError> {
    if body.len() > max {
        let message = format!("The request body has {} bytes; at most {max} are allowed.", body.len());
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, message));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let request = serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| invalid("", &error))?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(request)
}

/// Parses the value of a field, which the body's own type leaves as it is. Errors name their place in the body.
pub fn parse_value<T: DeserializeOwned>(field: &str, value: &RawValue) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_str(value.get());
    serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| invalid(field, &error))
}

/// The path of a place in the value of a field; no field is the whole body. `.` is the value itself, as
/// `serde_path_to_error` writes it.
pub fn joined(field: &str, place: &str) -> String {
    match place {
        "." => field.to_owned(),
        _ if field.is_empty() => place.to_owned(),
        _ if place.starts_with('[') => format!("{field}{place}"),
        _ => format!("{field}.{place}"),
    }
}

/// A field that is required; `what` describes its content.
pub fn required<T>(value: Option<T>, field: &str, what: &str) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::invalid(field, format!("`{field}` is required: {what}.")))
}

/// A text of 1 to `max` characters that is not only white space.
pub fn bounded(text: String, field: &str, max: usize) -> Result<String, ApiError> {
    let length = text.chars().count();
    if length > max || text.trim().is_empty() {
        let message = format!("`{field}` must have 1 to {max} characters and not only white space; this has {length}.");
        return Err(ApiError::invalid(field, message));
    }
    Ok(text)
}

/// A name: 1 to 100 characters.
pub fn name(text: String) -> Result<String, ApiError> {
    bounded(text, "name", MAX_NAME)
}

/// What is wrong with a body or with the value of a field, without the parser's own words: they describe our types, not the
/// customer's request.
fn invalid(field: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = joined(field, &error.path().to_string());
    let cause = error.inner();
    let words = cause.to_string();
    let words = words.split(" at line ").next().unwrap_or(&words);
    if !cause.is_data() {
        let is_lone = words.contains("surrogate") || words == "unexpected end of hex escape";
        if path.is_empty() || !is_lone {
            return not_json(cause);
        }
        let message = format!("`{path}` has a lone surrogate, which is no character: send whole characters.");
        return ApiError::invalid(&path, message);
    }
    let quoted = |prefix: &str| words.strip_prefix(prefix)?.split('`').next().map(str::to_owned);
    // The path of an unknown field includes it, except in the body itself; that of a missing one does not.
    if let Some(name) = quoted("unknown field `") {
        let field = if path.is_empty() { name } else { path };
        return ApiError::invalid(&field, format!("`{field}` is not a field of this request: remove it."));
    }
    if let Some(name) = quoted("missing field `") {
        let field = joined(&path, &name);
        return ApiError::invalid(&field, format!("`{field}` is required."));
    }
    if let Some(name) = quoted("duplicate field `") {
        let field = joined(&path, &name);
        return ApiError::invalid(&field, format!("`{field}` is given twice: remove one."));
    }
    if path.is_empty() {
        return ApiError::new(ErrorCode::InvalidRequest, "The request body must be a JSON object.");
    }
    let problem = match (words.strip_prefix(BROKEN_RULE), words.rsplit_once(", expected ")) {
        (Some(problem), _) => problem.to_owned(),
        (None, Some((_, expected))) => format!("has the wrong type or value: expected {}.", in_words(expected)),
        (None, None) => "has the wrong type or value.".to_owned(),
    };
    ApiError::invalid(&path, format!("`{path}` {problem}"))
}

/// What is expected, in words that are not of our types.
fn in_words(expected: &str) -> &str {
    match expected {
        "a sequence" => "a list",
        "a map" => "an object",
        "a string" | "a borrowed string" | "str" => "a text",
        "a boolean" | "bool" => "true or false",
        "f32" | "f64" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

fn not_json(error: &serde_json::Error) -> ApiError {
    let problem = match (error.is_eof(), error.line(), error.column()) {
        (true, ..) => "it ends too early".to_owned(),
        (false, line, column) => format!("see line {line}, column {column}"),
    };
    ApiError::new(ErrorCode::InvalidRequest, format!("The request body must be one valid JSON object: {problem}."))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "what is wrong is tested")]
    struct Request {
        name: String,
        size: Option<u64>,
        colour: Option<Colour>,
        inner: Option<Vec<Inner>>,
        raw: Option<Box<RawValue>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Blue,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "what is wrong is tested")]
    struct Inner {
        text: String,
    }

    #[test]
    fn a_body_is_read_whole() {
        let body = r#"{"name":"a","size":5,"colour":"blue","inner":[{"text":"b"}],"raw":{"a":1.0,"a":[]}}"#;
        let request: Request = parse(body.as_bytes()).expect("a request");
        assert_eq!(request.raw.expect("a value").get(), r#"{"a":1.0,"a":[]}"#);
        assert!(parse::<Request>(br#"{"name":"a","size":null,"colour":null}"#).is_ok());
    }

    #[test]
    fn an_error_names_the_path_and_no_type_of_ours() {
        for (body, field, message) in [
            (r#"["a",5]"#, "", "The request body must be a JSON object."),
            (
                r#"{"name":"a","inner":["b"]}"#,
                "inner[0]",
                "`inner[0]` has the wrong type or value: expected an object.",
            ),
            (
                r#"{"name":"a","inner":[["b"]]}"#,
                "inner[0]",
                "`inner[0]` has the wrong type or value: expected an object.",
            ),
            (r#"{"name":"a","inner":{}}"#, "inner", "`inner` has the wrong type or value: expected a list."),
            (r#"{"name":5}"#, "name", "`name` has the wrong type or value: expected a text."),
            (r#"{"name":"a","colour":5}"#, "colour", "`colour` has the wrong type or value: expected `red` or `blue`."),
            (
                r#"{"name":"a","colour":["red"]}"#,
                "colour",
                "`colour` has the wrong type or value: expected `red` or `blue`.",
            ),
            (
                r#"{"name":"a","colour":"pink"}"#,
                "colour",
                "`colour` has the wrong type or value: expected `red` or `blue`.",
            ),
            (
                r#"{"name":"a","size":"5"}"#,
                "size",
                "`size` has the wrong type or value: expected a whole number, 0 or more.",
            ),
            (r#"{"name":"a","name":"b"}"#, "name", "`name` is given twice: remove one."),
            (r#"{"name":"a","inner":[{}]}"#, "inner[0].text", "`inner[0].text` is required."),
            (
                r#"{"name":"a","inner":[{"text":"b","text":"c"}]}"#,
                "inner[0].text",
                "`inner[0].text` is given twice: remove one.",
            ),
            (
                r#"{"name":"\ud83d"}"#,
                "name",
                "`name` has a lone surrogate, which is no character: send whole characters.",
            ),
            (r#"{"name":"a","other":1}"#, "other", "`other` is not a field of this request: remove it."),
            (r#"{"name":"a""#, "", "The request body must be one valid JSON object: it ends too early."),
            ("", "", "The request body must be one valid JSON object: it ends too early."),
            ("{\n\"name\": \"a\"b\"}", "", "The request body must be one valid JSON object: see line 2, column 12."),
            ("name=a&size=5", "", "The request body must be one valid JSON object: see line 1, column 2."),
            (r#"{"name":"a"}{}"#, "", "The request body must be one valid JSON object: see line 1, column 13."),
        ] {
            let error = parse::<Request>(body.as_bytes()).expect_err(body);
            assert_eq!(
                (error.field.as_deref().unwrap_or_default(), error.message.as_str()),
                (field, message),
                "{body}"
            );
        }
    }
}
