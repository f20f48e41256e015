//! What a request wants sent: exactly one of text, media and template, within WhatsApp's limits.

use shared::api_error::{ApiError, ErrorCode};
use shared::content::{Content, MediaType};
use shared::customer_url;

use crate::order::{Fields, Template};

/// Characters of a text (contract, and WhatsApp's own limit).
const MAX_TEXT: usize = 4096;
/// Characters of a caption (contract, and WhatsApp's own limit).
const MAX_CAPTION: usize = 1024;
/// Characters of a file's name: what file systems take.
const MAX_FILENAME: usize = 255;
/// Bytes of a media URL: what browsers and proxies take.
const MAX_URL: usize = 2048;

/// Exactly one of text, media and template.
pub fn parse(fields: Fields) -> Result<Content, ApiError> {
    let Fields { message, media_url, media_type, filename, caption, template, .. } = fields;
    let one = "send exactly one of `message`, `mediaUrl` with `mediaType`, and `template`";
    match (message, media_url, media_type, template) {
        (Some(body), None, None, None) => {
            refuse("filename", filename, "goes with a document only")?;
            refuse("caption", caption, "goes with an image, video or document only")?;
            text(body)
        }
        (None, Some(url), Some(media), None) => file(&media, &url, caption, filename),
        (None, Some(_), None, None) => {
            Err(ApiError::invalid("mediaType", "is missing: image, video, audio or document"))
        }
        (None, None, Some(_), None) => {
            Err(ApiError::invalid("mediaUrl", "is missing: where WhatsApp fetches the file"))
        }
        (None, None, None, Some(chosen)) => {
            refuse("filename", filename, "goes with a document only")?;
            refuse("caption", caption, "goes with an image, video or document only")?;
            approved(chosen)
        }
        (None, None, None, None) => Err(ApiError::invalid("message", format!("is missing; {one}"))),
        (Some(_), _, _, _) => Err(ApiError::invalid("message", format!("does not go with what else is there: {one}"))),
        (None, _, _, Some(_)) => {
            Err(ApiError::invalid("template", format!("does not go with what else is there: {one}")))
        }
    }
}

fn refuse(field: &str, value: Option<String>, why: &str) -> Result<(), ApiError> {
    value.map_or(Ok(()), |_| Err(ApiError::invalid(field, why)))
}

fn text(body: String) -> Result<Content, ApiError> {
    limit("message", &body, MAX_TEXT)?;
    if body.trim().is_empty() {
        return Err(ApiError::invalid("message", "has nothing to show: WhatsApp sends no empty text"));
    }
    Ok(Content::Text { body })
}

fn file(media: &str, url: &str, caption: Option<String>, filename: Option<String>) -> Result<Content, ApiError> {
    let media = match media {
        "image" => MediaType::Image,
        "video" => MediaType::Video,
        "audio" => MediaType::Audio,
        "document" => MediaType::Document,
        _ => {
            return Err(ApiError::field(
                ErrorCode::UnsupportedMediaType,
                "mediaType",
                "must be image, video, audio or document",
            ));
        }
    };
    if let Some(caption) = &caption {
        limit("caption", caption, MAX_CAPTION)?;
        if media == MediaType::Audio {
            return Err(ApiError::invalid("caption", "does not go with audio: WhatsApp shows none"));
        }
    }
    if let Some(filename) = &filename {
        limit("filename", filename, MAX_FILENAME)?;
        if media != MediaType::Document {
            return Err(ApiError::invalid("filename", "goes with a document only"));
        }
    }
    Ok(Content::Media { media, url: media_url(url)?, caption, filename })
}

fn media_url(text: &str) -> Result<String, ApiError> {
    if text.len() > MAX_URL {
        return Err(ApiError::invalid("mediaUrl", format!("has {} bytes; at most {MAX_URL} are taken", text.len())));
    }
    customer_url::media_form(text).map_err(|refused| ApiError::invalid("mediaUrl", refused.to_string()))?;
    Ok(text.to_owned())
}

fn approved(template: Template) -> Result<Content, ApiError> {
    let Template { name, language, components } = template;
    for (field, value) in [("template.name", &name), ("template.language", &language)] {
        limit(field, value, 512)?;
        if value.is_empty() {
            return Err(ApiError::invalid(field, "must not be empty"));
        }
    }
    let components = components.map(|json| String::from(json.get()));
    if components.as_ref().is_some_and(|json| !json.starts_with('[')) {
        return Err(ApiError::invalid("template.components", "must be a list, as WhatsApp's own"));
    }
    Ok(Content::Template { name, language, components })
}

/// Counts characters as Unicode scalar values, as WhatsApp's limits do.
fn limit(field: &str, text: &str, most: usize) -> Result<(), ApiError> {
    let count = text.chars().count();
    if count > most {
        return Err(ApiError::invalid(field, format!("has {count} characters; at most {most} are taken")));
    }
    Ok(())
}
