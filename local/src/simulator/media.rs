//! Files that were uploaded. Only their ids are kept: no phone will show them.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::graph_error::GraphError;

/// The largest file that WhatsApp takes, with room for the rest of the form, in bytes.
pub const MAX_UPLOAD: usize = 101 * MEGABYTE;
const MEGABYTE: usize = 1024 * 1024;

/// The ids of what was uploaded.
#[derive(Debug, Default)]
pub struct Media(Mutex<HashSet<String>>);

/// A form of an upload.
#[derive(Default)]
struct Form {
    product: String,
    /// MIME type: the form's `type`, or the file's own.
    kind: String,
    bytes: Option<usize>,
}

impl Media {
    /// Whether a message's media, if it names some by id, was uploaded.
    pub fn check(&self, message: &Value) -> Result<(), GraphError> {
        let kind = message["type"].as_str().unwrap_or_default();
        match message[kind]["id"].as_str() {
            Some(id) if !self.lock().contains(id) => Err(GraphError::parameter(format!(
                "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
            ))),
            _ => Ok(()),
        }
    }

    /// Takes an upload and gives its id.
    pub async fn upload(&self, form: Multipart) -> Result<Value, GraphError> {
        let form = Form::read(form).await.map_err(|error| GraphError::parameter(error.body_text()))?;
        if form.product != "whatsapp" {
            return Err(GraphError::parameter("messaging_product must be whatsapp"));
        }
        let Some(most) = most(&form.kind) else {
            return Err(GraphError::parameter(format!("Param file must not be of the type {:?}", form.kind)));
        };
        match form.bytes {
            None | Some(0) => return Err(GraphError::parameter("The parameter file is required.")),
            Some(bytes) if bytes > most => return Err(GraphError::parameter("Param file is too large")),
            Some(_) => {}
        }
        let id = format!("{}", Uuid::new_v4().as_u128() % 10_000_000_000_000_000);
        self.lock().insert(id.clone());
        Ok(json!({ "id": id }))
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Form {
    async fn read(mut parts: Multipart) -> Result<Self, MultipartError> {
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await? {
            form.add(part).await?;
        }
        Ok(form)
    }

    async fn add(&mut self, part: Field<'_>) -> Result<(), MultipartError> {
        match part.name().unwrap_or_default() {
            "messaging_product" => self.product = part.text().await?,
            "type" => self.kind = part.text().await?,
            "file" => {
                if let (true, Some(kind)) = (self.kind.is_empty(), part.content_type()) {
                    self.kind = kind.to_owned();
                }
                self.bytes = Some(part.bytes().await?.len());
            }
            _ => {}
        }
        Ok(())
    }
}

/// The most bytes that a file of a MIME type may have (whatsapp-cloud-api, Media).
fn most(kind: &str) -> Option<usize> {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind {
        "image/jpeg" | "image/png" => Some(5 * MEGABYTE),
        "image/webp" => Some(500 * 1024),
        "video/mp4" | "video/3gpp" | "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" => {
            Some(16 * MEGABYTE)
        }
        "text/plain" | "application/pdf" | "application/msword" => Some(100 * MEGABYTE),
        _ if kind.starts_with("application/vnd.") => Some(100 * MEGABYTE), // Microsoft's
        _ => None,
    }
}
