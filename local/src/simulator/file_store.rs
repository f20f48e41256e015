//! The files that people send and that businesses upload: described and served as Meta does (whatsapp-cloud-api-2026, section 5).

use std::collections::HashMap;
use std::sync::Mutex;

use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use shared::mutex::lock;

/// How long the id of a received file is valid, in milliseconds.
pub const RECEIVED_LIFE: i64 = 7 * 24 * 60 * 60 * 1_000;
/// How long the id of an uploaded file is valid, in milliseconds.
pub const UPLOAD_LIFE: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How long the URL of a file is valid, in milliseconds.
const URL_LIFE: i64 = 5 * 60 * 1_000;
/// The most bytes of all files together, which are kept in memory.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The files that people have sent, and that businesses have uploaded.
#[derive(Debug, Default)]
pub struct FileStore(Mutex<HashMap<String, StoredFile>>);

#[derive(Clone, Debug)]
struct StoredFile {
    mime_type: String,
    bytes: Bytes,
    sha256: Vec<u8>,
    /// Until when it is there, in milliseconds since the epoch.
    until: i64,
}

impl FileStore {
    /// Stores a file for `life` milliseconds and returns its id; none when there is no more room.
    pub fn add(&self, mime_type: &str, bytes: &Bytes, now: i64, life: i64) -> Option<String> {
        let mut files = lock(&self.0);
        files.retain(|_, file| now < file.until);
        if files.values().map(|file| file.bytes.len()).sum::<usize>() + bytes.len() > MAX_BYTES {
            return None;
        }
        let sha256 = digest::digest(&digest::SHA256, bytes).as_ref().to_vec();
        let id = (Uuid::new_v4().as_u128() % 10_000_000_000_000_000).to_string();
        let file = StoredFile { mime_type: mime_type.to_owned(), bytes: bytes.clone(), sha256, until: now + life };
        files.insert(id.clone(), file);
        Some(id)
    }

    /// Completes the object of a message with what WhatsApp adds to its file.
    pub fn complete(&self, object: &mut Value, id: &str, base_url: &str, now: i64) {
        if let Some(file) = self.get(id, now) {
            object["id"] = json!(id);
            object["sha256"] = json!(BASE64_STANDARD.encode(&file.sha256));
            object["url"] = json!(url(base_url, id, now));
        }
    }

    /// A file as `GET /{media-id}` describes it: the hash is in hexadecimal digits, and the URL is a new one.
    pub fn describe(&self, id: &str, base_url: &str, now: i64) -> Option<Value> {
        let file = self.get(id, now)?;
        Some(json!({
            "messaging_product": "whatsapp",
            "url": url(base_url, id, now),
            "mime_type": file.mime_type,
            "sha256": hex::encode(&file.sha256),
            "file_size": file.bytes.len(),
            "id": id,
        }))
    }

    /// The type and the bytes of a file, from a URL that is valid until `expires`.
    pub fn read(&self, id: &str, expires: i64, now: i64) -> Option<(String, Bytes)> {
        let file = self.get(id, now).filter(|_| now < expires && expires <= now + URL_LIFE)?;
        Some((file.mime_type, file.bytes))
    }

    /// The type and the bytes of a file, as a phone shows it.
    pub fn content(&self, id: &str, now: i64) -> Option<(String, Bytes)> {
        self.get(id, now).map(|file| (file.mime_type, file.bytes))
    }

    /// Whether there is a file with this id.
    pub fn has(&self, id: &str, now: i64) -> bool {
        self.get(id, now).is_some()
    }

    /// The ids of all files.
    pub fn ids(&self) -> Vec<String> {
        lock(&self.0).keys().cloned().collect()
    }

    /// Deletes a file, if there is one.
    pub fn delete(&self, id: &str) -> bool {
        lock(&self.0).remove(id).is_some()
    }

    fn get(&self, id: &str, now: i64) -> Option<StoredFile> {
        lock(&self.0).get(id).filter(|file| now < file.until).cloned()
    }
}

fn url(base_url: &str, id: &str, now: i64) -> String {
    format!("{base_url}/files/{id}?expires={}", now + URL_LIFE)
}
