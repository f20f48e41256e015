//! Request bodies: JSON parsed into an endpoint's request type, or an error that names the field.

use serde::de::DeserializeOwned;

use crate::http::api_error::{ApiError, ErrorCode};

/// The largest body, in bytes (contract: 413 above).
pub const MAX_BODY: usize = 256 * 1024;

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// Parses a body. Unknown fields are refused by name where `T` denies them.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if body.len() > MAX_BODY {
        let message = format!("The request body has {} bytes; at most {MAX_BODY} are allowed.", body.len());
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, message));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let request = serde_path_to_error::deserialize(&mut json).map_err(|error| invalid(&error))?;
    json.end().map_err(|_| not_json())?;
    Ok(request)
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

/// What is wrong with a body, without the parser's own words: they describe our types, not the customer's request.
fn invalid(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = error.path().to_string();
    let cause = error.inner();
    if !cause.is_data() {
        return not_json();
    }
    let words = cause.to_string();
    let quoted = |prefix: &str| words.strip_prefix(prefix)?.split('`').next().map(str::to_owned);
    if let Some(name) = quoted("unknown field `") {
        let field = if path == "." { name } else { path };
        return ApiError::invalid(&field, format!("`{field}` is not a field of this request: remove it."));
    }
    if let Some(name) = quoted("missing field `") {
        let field = if path == "." { name } else { format!("{path}.{name}") };
        return ApiError::invalid(&field, format!("`{field}` is required."));
    }
    if path == "." {
        return ApiError::new(ErrorCode::InvalidRequest, "The request body must be a JSON object.");
    }
    let expected = words.rsplit_once(", expected ").map(|(_, rest)| rest.split(" at line ").next().unwrap_or(rest));
    ApiError::invalid(
        &path,
        match expected {
            Some(expected) => format!("`{path}` has the wrong type or value: expected {expected}."),
            None => format!("`{path}` has the wrong type or value."),
        },
    )
}

fn not_json() -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, "The request body must be one valid JSON object.")
}
