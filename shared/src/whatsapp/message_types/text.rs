//! `text`.

use crate::http::ApiError;
use crate::message::Content;
use crate::whatsapp::message_types::bounded::check_length;
use crate::whatsapp::text_limits::MAX_TEXT;

/// A text; WhatsApp shows a preview of the first URL in it unless that is not wanted.
pub fn parse_text(body: String, preview: bool) -> Result<Content, ApiError> {
    check_length("message", &body, MAX_TEXT)?;
    if body.trim().is_empty() {
        return Err(ApiError::invalid("message", "`message` must not be empty: WhatsApp sends no empty text."));
    }
    Ok(Content::Text { body, no_preview: !preview })
}
