//! The content of a request: exactly one of its fields that have content.

use shared::http::{ApiError, ErrorCode};
use shared::message::{Content, ObjectType};
use shared::whatsapp::message_types::{self, MEDIA_TYPES};

use crate::send_request_body::SendRequestBody;

/// Parses the one field that has content, and checks it by WhatsApp's rules.
pub fn parse(body: SendRequestBody) -> Result<Content, ApiError> {
    refuse_combinations(&body)?;
    refuse_fields_of_others(&body)?;
    let SendRequestBody { message, media_url, media_type, filename, caption, template, .. } = body;
    if let Some(text) = message {
        return message_types::parse_text(text, body.preview_url.unwrap_or(true));
    }
    if let Some(template) = template {
        return message_types::parse_template(template.name, template.language, template.components);
    }
    for (object_type, object) in [
        (ObjectType::Interactive, body.interactive),
        (ObjectType::Location, body.location),
        (ObjectType::Contacts, body.contacts),
    ] {
        if let Some(object) = object {
            return message_types::parse_object(object_type, object);
        }
    }
    if let Some(reaction) = body.reaction {
        return message_types::parse_reaction(reaction.emoji);
    }
    let file = body.media_id.map_or_else(|| media_url.map(File::Url), |id| Some(File::Upload(id)));
    match (media_type, file) {
        (Some(media), Some(File::Url(url))) => message_types::parse_file(&media, &url, caption, filename),
        (Some(media), Some(File::Upload(id))) => {
            message_types::parse_upload(&media, id.parse().map_err(|_| unknown_media())?, caption, filename)
        }
        (None, file) => {
            let field = file.map_or("mediaUrl", |file| file.field());
            let message = format!("`mediaType` is required with `{field}`: {MEDIA_TYPES}.");
            Err(ApiError::invalid("mediaType", message))
        }
        (Some(_), None) => {
            let message = "`mediaUrl` is required with `mediaType`: the URL of the file, or `mediaId`, its id.";
            Err(ApiError::invalid("mediaUrl", message))
        }
    }
}

/// A file, by what names it.
enum File {
    Url(String),
    Upload(String),
}

impl File {
    const fn field(&self) -> &'static str {
        match self {
            Self::Url(_) => "mediaUrl",
            Self::Upload(_) => "mediaId",
        }
    }
}

/// The file of a request does not exist for its instance.
pub fn unknown_media() -> ApiError {
    let message = "`mediaId` must be the id of a file that was uploaded for this instance within the last 29 days.";
    ApiError::field(ErrorCode::MediaNotFound, "mediaId", message)
}

fn refuse_combinations(body: &SendRequestBody) -> Result<(), ApiError> {
    let fields = [
        ("message", body.message.is_some()),
        ("template", body.template.is_some()),
        ("interactive", body.interactive.is_some()),
        ("location", body.location.is_some()),
        ("contacts", body.contacts.is_some()),
        ("reaction", body.reaction.is_some()),
        ("mediaUrl", body.media_url.is_some()),
        ("mediaId", body.media_id.is_some()),
        ("mediaType", body.media_type.is_some() && body.media_url.is_none() && body.media_id.is_none()),
    ];
    let mut given = fields.into_iter().filter_map(|(name, is_given)| is_given.then_some(name));
    match (given.next(), given.next()) {
        (Some(_), None) => Ok(()),
        (None, _) => {
            let message = "`message` is required, or one of `mediaUrl` or `mediaId` with `mediaType`, `template`, \
                           `interactive`, `location`, `contacts` and `reaction`.";
            Err(ApiError::invalid("message", message))
        }
        (Some(field), Some(other)) => {
            Err(ApiError::invalid(field, format!("`{field}` cannot be combined with `{other}`.")))
        }
    }
}

/// Fields that belong to other types than the one that is given.
fn refuse_fields_of_others(body: &SendRequestBody) -> Result<(), ApiError> {
    let is_media = body.media_url.is_some() || body.media_id.is_some() || body.media_type.is_some();
    if body.filename.is_some() && !is_media {
        return Err(ApiError::invalid("filename", "`filename` is allowed only with `mediaType` document."));
    }
    if body.caption.is_some() && !is_media {
        let message = "`caption` is allowed only with `mediaType` image, video or document.";
        return Err(ApiError::invalid("caption", message));
    }
    if body.preview_url.is_some() && body.message.is_none() {
        return Err(ApiError::invalid("previewUrl", "`previewUrl` is allowed only with `message`."));
    }
    if body.quoted_message_id.is_some() && body.reaction.is_some() {
        let message = "`quotedMessageId` cannot be combined with `reaction`, which names its message itself.";
        return Err(ApiError::invalid("quotedMessageId", message));
    }
    Ok(())
}
