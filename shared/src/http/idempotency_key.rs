//! The header `Idempotency-Key`: 1 to 255 visible characters of ASCII (contract; IETF draft "The Idempotency-Key HTTP Header
//! Field"). It is known for as long as the record of what it made is kept (`RetentionDays`).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::HeaderMap;

use crate::http::api_error::ApiError;
use crate::http::error_code::ErrorCode;

/// The header, and the field that errors name.
pub const HEADER: &str = "Idempotency-Key";
/// The longest key, in characters (contract).
const MAX_LENGTH: usize = 255;

/// A request's key, if it has one.
pub fn read(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let wrong =
        || ApiError::invalid(HEADER, format!("`{HEADER}` must have 1 to {MAX_LENGTH} visible ASCII characters."));
    let key = value.to_str().map_err(|_| wrong())?.trim();
    if key.is_empty() || key.len() > MAX_LENGTH { Err(wrong()) } else { Ok(Some(key)) }
}

/// The hash by which a request's body is known again.
pub fn body_hash(body: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, body);
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}

/// The error (422) of a key that was used with another body, and what that made, if it has an id.
pub fn reused(made: Option<&str>) -> ApiError {
    let code = ErrorCode::IdempotencyKeyReused;
    let message = made.map_or_else(|| code.meaning().to_owned(), |id| format!("{} It made {id}.", code.meaning()));
    ApiError::field(code, HEADER, message)
}
