//! A file that a person sends: `data` in Base64 in place of the id that WhatsApp gives it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::control_error::{ControlError, require};
use super::inbound_shapes::UploadedFile;

/// A file that a person sends.
#[derive(Debug)]
pub struct File {
    /// Its MIME type.
    pub mime_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A file: its bytes come in `data` in Base64, instead of the id that WhatsApp gives it.
pub fn read(kind: &str, object: &Value) -> Result<(Value, Option<File>), ControlError> {
    let file = UploadedFile::deserialize(object).map_err(|error| ControlError::unreadable(kind, &error))?;
    let only = |is_absent: bool, name: &str, of: &str| {
        require(is_absent || of.contains(kind), &format!("{kind}.{name}"), "does not belong to this type")
    };
    only(file.caption.is_none(), "caption", "image, video, document")?;
    only(file.filename.is_none(), "filename", "document")?;
    only(file.voice.is_none(), "voice", "audio")?;
    only(file.animated.is_none(), "animated", "sticker")?;
    require(file.mime_type.contains('/'), &format!("{kind}.mime_type"), "must be a MIME type, such as `image/jpeg`")?;
    let bytes = BASE64_STANDARD.decode(&file.data);
    let bytes = bytes.map_err(|_| ControlError::invalid(format!("{kind}.data"), "must be the file in Base64"))?;
    require(!bytes.is_empty(), &format!("{kind}.data"), "must not be empty")?;
    let mut shown = json!({ "mime_type": file.mime_type });
    let texts = [("caption", file.caption), ("filename", file.filename)];
    let flags = match kind {
        "audio" => Some(("voice", file.voice)),
        "sticker" => Some(("animated", file.animated)),
        _ => None,
    };
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        shown[name] = json!(text);
    }
    if let Some((name, flag)) = flags {
        shown[name] = json!(flag.unwrap_or_default());
    }
    Ok((shown, Some(File { mime_type: file.mime_type, bytes: bytes.into() })))
}
