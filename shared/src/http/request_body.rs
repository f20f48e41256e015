//! Request bodies: JSON parsed into an endpoint's request type, or an error that names the field.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::api_error::{ApiError, ErrorCode};

/// The largest body, in bytes (contract: 413 above).
pub const MAX_BODY: usize = 256 * 1024;

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// Begins an error of `Deserialize` that is for customers: the end of a sentence that begins with the field.
pub const BROKEN_RULE: &str = "rule: ";

/// Parses a body. Unknown fields are refused by name where `T` denies them.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if body.len() > MAX_BODY {
        let message = format!("The request body has {} bytes; at most {MAX_BODY} are allowed.", body.len());
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, message));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let request = serde_path_to_error::deserialize(&mut json).map_err(|error| invalid("", &error))?;
    json.end().map_err(|_| not_json())?;
    Ok(request)
}

/// Parses the value of a field, which the body's own type leaves as it is. Errors name their place in the body.
pub fn parse_value<T: DeserializeOwned>(field: &str, value: &RawValue) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_str(value.get());
    serde_path_to_error::deserialize(&mut json).map_err(|error| invalid(field, &error))
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
    if !cause.is_data() {
        return not_json();
    }
    let words = cause.to_string();
    let words = words.split(" at line ").next().unwrap_or(&words);
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
    if path.is_empty() {
        return ApiError::new(ErrorCode::InvalidRequest, "The request body must be a JSON object.");
    }
    let problem = match (words.strip_prefix(BROKEN_RULE), words.rsplit_once(", expected ")) {
        (Some(problem), _) => problem.to_owned(),
        (None, Some((_, expected))) => format!("has the wrong type or value: expected {expected}."),
        (None, None) => "has the wrong type or value.".to_owned(),
    };
    ApiError::invalid(&path, format!("`{path}` {problem}"))
}

fn not_json() -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, "The request body must be one valid JSON object.")
}
