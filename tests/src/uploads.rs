//! Files that customers upload.

use bytes::Bytes;
use reqwest::Body;
use serde_json::{Value, json};

use crate::test_stack::TestStack;
use crate::wait::eventually;

/// The beginning of a PNG, which is all that anybody looks at.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

impl TestStack {
    /// Names a PNG of these bytes, whose bytes do not come yet, and returns the answer's data.
    pub async fn create_media(&self, bytes: usize) -> Value {
        self.create_media_of("image/png", bytes).await
    }

    /// The same with a type.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_media_of(&self, mime_type: &str, bytes: usize) -> Value {
        let body = json!({ "instanceId": "inst_abc123", "filename": "file", "mimeType": mime_type, "size": bytes });
        let (status, answer) = self.call("POST /v1/media", body).await;
        assert_eq!(status, 201, "{answer}");
        answer["data"].clone()
    }

    /// Puts bytes where a file's are to be put, as a browser does, and returns the status.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn put(&self, media: &Value, bytes: impl Into<Body>) -> u16 {
        let mut request = self.http.put(media["uploadUrl"].as_str().expect("a URL"));
        for (name, value) in media["uploadHeaders"].as_object().expect("headers") {
            request = request.header(name, value.as_str().expect("a text"));
        }
        request.body(bytes).send().await.expect("an answer").status().as_u16()
    }

    /// Uploads a PNG, waits until WhatsApp has it, and returns its id.
    ///
    /// # Panics
    /// When the bucket does not take it.
    pub async fn upload_png(&self) -> String {
        let media = self.create_media(PNG.len()).await;
        assert_eq!(self.put(&media, Bytes::from_static(PNG)).await, 200);
        self.wait_for_media(&media, "ready").await;
        media["id"].as_str().expect("an id").to_owned()
    }

    /// A file as the API shows it.
    pub async fn media(&self, media: &Value) -> Value {
        let id = media["id"].as_str().unwrap_or_default();
        self.call(&format!("GET /v1/media/{id}"), Value::Null).await.1["data"].clone()
    }

    /// Waits until a file has this status.
    pub async fn wait_for_media(&self, media: &Value, status: &str) -> Value {
        let ask = || async { Some(self.media(media).await).filter(|media| media["status"] == status) };
        eventually(&format!("{} to be {status}", media["id"]), ask).await
    }
}
