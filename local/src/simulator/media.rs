//! Uploaded media files. Only their ids are stored.

use std::collections::HashSet;
use std::sync::Mutex;

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use serde_json::{Value, json};
use uuid::Uuid;

use super::graph_error::GraphError;
use shared::mutex::lock;

/// The largest upload in bytes: WhatsApp's largest file, and the rest of the form.
pub const MAX_UPLOAD: usize = 101 * MEGABYTE;
const MEGABYTE: usize = 1024 * 1024;

/// The ids of uploaded files.
#[derive(Debug, Default)]
pub struct MediaStore(Mutex<HashSet<String>>);

/// The form of an upload.
#[derive(Default)]
struct Form {
    product: String,
    /// The MIME type: the form's `type`, or that of the file part.
    mime_type: String,
    size: Option<usize>,
}

impl MediaStore {
    /// Checks that the file of a message, if the message names one by id, was uploaded.
    pub fn check(&self, message: &Value) -> Result<(), GraphError> {
        let kind = message["type"].as_str().unwrap_or_default();
        match message[kind]["id"].as_str() {
            Some(id) if !lock(&self.0).contains(id) => Err(GraphError::invalid_parameter(format!(
                "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
            ))),
            _ => Ok(()),
        }
    }

    /// Stores an upload and returns its id.
    pub async fn upload(&self, form: Multipart) -> Result<Value, GraphError> {
        let form = Form::read(form).await.map_err(|error| GraphError::invalid_parameter(error.body_text()))?;
        if form.product != "whatsapp" {
            return Err(GraphError::invalid_parameter("messaging_product must be whatsapp"));
        }
        let Some(max_size) = max_size(&form.mime_type) else {
            let details = format!("Param file must not be of the type {:?}", form.mime_type);
            return Err(GraphError::invalid_parameter(details));
        };
        match form.size {
            None | Some(0) => return Err(GraphError::invalid_parameter("The parameter file is required.")),
            Some(size) if size > max_size => return Err(GraphError::invalid_parameter("Param file is too large")),
            Some(_) => {}
        }
        let id = format!("{}", Uuid::new_v4().as_u128() % 10_000_000_000_000_000);
        lock(&self.0).insert(id.clone());
        Ok(json!({ "id": id }))
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
                    form.size = Some(part.bytes().await?.len());
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
