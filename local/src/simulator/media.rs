//! Uploads of media files, and messages that name one by its id.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use bytes::Bytes;
use serde_json::{Value, json};

use super::file_store::{FileStore, UPLOAD_LIFE};
use super::graph_error::GraphError;

/// The largest upload in bytes: WhatsApp's largest file, and the rest of the form.
pub const MAX_UPLOAD: usize = 101 * MEGABYTE;
const MEGABYTE: usize = 1024 * 1024;

/// The form of an upload.
#[derive(Default)]
struct Form {
    product: String,
    /// The MIME type: the form's `type`, or that of the file part.
    mime_type: String,
    file: Option<Bytes>,
}

impl FileStore {
    /// Checks that the file of a message, if the message names one by id, is there.
    pub(super) fn check(&self, message: &Value, now: i64) -> Result<(), GraphError> {
        let kind = message["type"].as_str().unwrap_or_default();
        match message[kind]["id"].as_str() {
            Some(id) if !self.has(id, now) => Err(GraphError::invalid_parameter(format!(
                "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
            ))),
            _ => Ok(()),
        }
    }

    /// Stores an upload and returns its id.
    pub(super) async fn upload(&self, form: Multipart, now: i64) -> Result<Value, GraphError> {
        let form = Form::read(form).await.map_err(|error| GraphError::invalid_parameter(error.body_text()))?;
        if form.product != "whatsapp" {
            return Err(GraphError::invalid_parameter("messaging_product must be whatsapp"));
        }
        let Some(max_size) = max_size(&form.mime_type) else {
            let details = format!("Param file must not be of the type {:?}", form.mime_type);
            return Err(GraphError::invalid_parameter(details));
        };
        let file = form.file.filter(|file| !file.is_empty());
        let file = file.ok_or_else(|| GraphError::invalid_parameter("The parameter file is required."))?;
        if file.len() > max_size {
            return Err(GraphError::invalid_parameter("Param file is too large"));
        }
        let id = self.add(&form.mime_type, &file, now, UPLOAD_LIFE);
        Ok(json!({ "id": id.ok_or_else(|| GraphError::new(131_000, "The simulator has no room for the file."))? }))
    }
}

impl Form {
    async fn read(mut parts: Multipart) -> Result<Self, MultipartError> {
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await? {
            match part.name().unwrap_or_default() {
                "messaging_product" => form.product = part.text().await?,
                "type" => form.mime_type = part.text().await?,
                "file" => {
                    if let (true, Some(kind)) = (form.mime_type.is_empty(), part.content_type()) {
                        form.mime_type = kind.to_owned();
                    }
                    form.file = Some(part.bytes().await?);
                }
                _ => {}
            }
        }
        Ok(form)
    }
}

/// The largest size of a file of a MIME type, in bytes (whatsapp-cloud-api, Media).
fn max_size(mime_type: &str) -> Option<usize> {
    let mime_type = mime_type.split(';').next().unwrap_or_default().trim();
    match mime_type {
        "image/jpeg" | "image/png" => Some(5 * MEGABYTE),
        "image/webp" => Some(500 * 1024),
        "video/mp4" | "video/3gpp" | "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" => {
            Some(16 * MEGABYTE)
        }
        "text/plain" | "application/pdf" | "application/msword" => Some(100 * MEGABYTE),
        _ if mime_type.starts_with("application/vnd.") => Some(100 * MEGABYTE), // Microsoft Office
        _ => None,
    }
}
