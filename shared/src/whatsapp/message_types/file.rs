//! Files, which WhatsApp fetches or has: `image`, `video`, `audio`, `document`, `sticker`, and voice messages.

use crate::http::{ApiError, ErrorCode};
use crate::ids::MediaId;
use crate::message::{Content, MediaType};
use crate::outbound::customer_url;
use crate::whatsapp::message_types::bounded::{MAX_URL, check_length};
use crate::whatsapp::text_limits::MAX_CAPTION;

/// Characters of a file's name: what file systems allow.
pub const MAX_FILENAME: usize = 255;
/// The contract's types, for error messages.
pub const MEDIA_TYPES: &str = "image, video, audio, voice, document or sticker";

/// A file by its URL.
pub fn parse_file(
    media: &str,
    url: &str,
    caption: Option<String>,
    filename: Option<String>,
) -> Result<Content, ApiError> {
    let media = parse_media_type(media, caption.as_deref(), filename.as_deref())?;
    Ok(Content::Media { media, url: parse_url(url)?, caption, filename })
}

/// A file by its id.
pub fn parse_upload(
    media: &str,
    media_id: MediaId,
    caption: Option<String>,
    filename: Option<String>,
) -> Result<Content, ApiError> {
    let media = parse_media_type(media, caption.as_deref(), filename.as_deref())?;
    Ok(Content::Upload { media, media_id, provider_id: None, caption, filename, file: None })
}

/// How a file is shown, and whether it may have this caption and name.
fn parse_media_type(media: &str, caption: Option<&str>, filename: Option<&str>) -> Result<MediaType, ApiError> {
    let media: MediaType = media.parse().map_err(|_| {
        let message = format!("`mediaType` must be {MEDIA_TYPES}.");
        ApiError::field(ErrorCode::UnsupportedMediaType, "mediaType", message)
    })?;
    if let Some(caption) = caption {
        check_length("caption", caption, MAX_CAPTION)?;
        if matches!(media, MediaType::Audio | MediaType::Voice | MediaType::Sticker) {
            let name: &str = media.into();
            let message = format!("`caption` is not allowed with `mediaType` {name}: WhatsApp shows none.");
            return Err(ApiError::invalid("caption", message));
        }
    }
    if let Some(filename) = filename {
        check_length("filename", filename, MAX_FILENAME)?;
        if media != MediaType::Document {
            return Err(ApiError::invalid("filename", "`filename` is allowed only with `mediaType` document."));
        }
    }
    Ok(media)
}

/// The URL as it was parsed, so that WhatsApp fetches what was checked.
fn parse_url(text: &str) -> Result<String, ApiError> {
    let bounded = |url: &str| {
        let message = format!("`mediaUrl` has {} bytes; at most {MAX_URL} are allowed.", url.len());
        if url.len() > MAX_URL { Err(ApiError::invalid("mediaUrl", message)) } else { Ok(()) }
    };
    bounded(text)?;
    let url = customer_url::parse_media(text);
    let url: String = url.map_err(|error| ApiError::invalid("mediaUrl", format!("`mediaUrl` {error}")))?.into();
    bounded(&url)?; // it may have grown: what is no ASCII is written with three bytes for each
    Ok(url)
}
