//! The content of a request: exactly one of text, media and template, within WhatsApp's limits.

use shared::http::{ApiError, ErrorCode};
use shared::message::{Content, MediaType};
use shared::outbound::customer_url;
use shared::whatsapp::{MAX_CAPTION, MAX_TEXT};

use crate::send_request_body::{SendRequestBody, TemplateBody};
use crate::template_components;

/// Characters of a file's name: what file systems allow.
const MAX_FILENAME: usize = 255;
/// Bytes of a media URL: what browsers and proxies allow.
const MAX_URL: usize = 2048;
/// Characters of a template's name and language (whatsapp-cloud-api, Send).
const MAX_TEMPLATE_NAME: usize = 512;

/// Parses exactly one of text, media and template.
pub fn parse(body: SendRequestBody) -> Result<Content, ApiError> {
    let SendRequestBody { message, media_url, media_type, filename, caption, template, .. } = body;
    match (message, media_url, media_type, template) {
        (Some(text), None, None, None) => {
            refuse_media_fields(filename.as_deref(), caption.as_deref())?;
            parse_text(text)
        }
        (None, Some(url), Some(media), None) => parse_media(&media, &url, caption, filename),
        (None, Some(_), None, None) => Err(ApiError::invalid(
            "mediaType",
            "`mediaType` is required with `mediaUrl`: image, video, audio or document.",
        )),
        (None, None, Some(_), None) => {
            Err(ApiError::invalid("mediaUrl", "`mediaUrl` is required with `mediaType`: the URL of the file."))
        }
        (None, None, None, Some(template)) => {
            refuse_media_fields(filename.as_deref(), caption.as_deref())?;
            parse_template(template)
        }
        (None, None, None, None) => {
            let message = "`message` is required, or `mediaUrl` with `mediaType`, or `template`.";
            Err(ApiError::invalid("message", message))
        }
        (Some(_), _, _, _) => Err(ApiError::invalid(
            "message",
            "`message` cannot be combined with `mediaUrl`, `mediaType` or `template`.",
        )),
        (None, _, _, Some(_)) => {
            Err(ApiError::invalid("template", "`template` cannot be combined with `mediaUrl` or `mediaType`."))
        }
    }
}

fn refuse_media_fields(filename: Option<&str>, caption: Option<&str>) -> Result<(), ApiError> {
    if filename.is_some() {
        return Err(ApiError::invalid("filename", "`filename` is allowed only with `mediaType` document."));
    }
    if caption.is_some() {
        return Err(ApiError::invalid(
            "caption",
            "`caption` is allowed only with `mediaType` image, video or document.",
        ));
    }
    Ok(())
}

fn parse_text(body: String) -> Result<Content, ApiError> {
    check_length("message", &body, MAX_TEXT)?;
    if body.trim().is_empty() {
        return Err(ApiError::invalid("message", "`message` must not be empty: WhatsApp sends no empty text."));
    }
    Ok(Content::Text { body })
}

fn parse_media(media: &str, url: &str, caption: Option<String>, filename: Option<String>) -> Result<Content, ApiError> {
    let media: MediaType = media.parse().map_err(|_| {
        let message = "`mediaType` must be image, video, audio or document.";
        ApiError::field(ErrorCode::UnsupportedMediaType, "mediaType", message)
    })?;
    if let Some(caption) = &caption {
        check_length("caption", caption, MAX_CAPTION)?;
        if media == MediaType::Audio {
            return Err(ApiError::invalid(
                "caption",
                "`caption` is not allowed with `mediaType` audio: WhatsApp shows none.",
            ));
        }
    }
    if let Some(filename) = &filename {
        check_length("filename", filename, MAX_FILENAME)?;
        if media != MediaType::Document {
            return Err(ApiError::invalid("filename", "`filename` is allowed only with `mediaType` document."));
        }
    }
    Ok(Content::Media { media, url: parse_url(url)?, caption, filename })
}

fn parse_url(text: &str) -> Result<String, ApiError> {
    if text.len() > MAX_URL {
        let message = format!("`mediaUrl` has {} bytes; at most {MAX_URL} are allowed.", text.len());
        return Err(ApiError::invalid("mediaUrl", message));
    }
    customer_url::parse_media(text).map_err(|error| ApiError::invalid("mediaUrl", format!("`mediaUrl` {error}")))?;
    Ok(text.to_owned())
}

fn parse_template(template: TemplateBody) -> Result<Content, ApiError> {
    let TemplateBody { name, language, components } = template;
    for (field, value) in [("template.name", &name), ("template.language", &language)] {
        check_length(field, value, MAX_TEMPLATE_NAME)?;
        if value.is_empty() {
            return Err(ApiError::invalid(field, format!("`{field}` must not be empty.")));
        }
    }
    let components = components.map(template_components::parse).transpose()?;
    Ok(Content::Template { name, language, components })
}

/// Counts characters as Unicode scalar values, as WhatsApp's limits do.
fn check_length(field: &str, text: &str, max: usize) -> Result<(), ApiError> {
    let count = text.chars().count();
    if count > max {
        let message = format!("`{field}` has {count} characters; at most {max} are allowed.");
        return Err(ApiError::invalid(field, message));
    }
    Ok(())
}
