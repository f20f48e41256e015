//! The body of a request: JSON read into what an endpoint takes, or refused with the field at fault.

use serde::de::DeserializeOwned;

use crate::api_error::{ApiError, ErrorCode};

/// The largest body, in bytes (contract: 413 above).
pub const MAX_BODY: usize = 256 * 1024;

/// Characters of a name.
const MAX_NAME: usize = 100;

/// Reads a body. Unknown fields are refused by name where `T` denies them.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if body.len() > MAX_BODY {
        let message = format!("the body has {} bytes; at most {MAX_BODY} are taken", body.len());
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, message));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let fields = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        let message = format!("the body is not what it should be: {cause}");
        if cause.is_data() && path != "." { ApiError::invalid(path, message) } else { invalid(message) }
    })?;
    json.end().map_err(|error| invalid(format!("the body is not one JSON object: {error}")))?;
    Ok(fields)
}

/// A field that must be there.
pub fn required<T>(value: Option<T>, field: &str, what: &str) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::invalid(field, format!("is missing: {what}")))
}

/// A text of 1 to `most` characters that is more than white space.
pub fn bounded(text: String, field: &str, most: usize) -> Result<String, ApiError> {
    let length = text.chars().count();
    if length > most || text.trim().is_empty() {
        return Err(ApiError::invalid(field, format!("must have 1 to {most} characters; this has {length}")));
    }
    Ok(text)
}

/// What a customer calls something: 1 to 100 characters.
pub fn name(text: String) -> Result<String, ApiError> {
    bounded(text, "name", MAX_NAME)
}

fn invalid(message: String) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, message)
}
