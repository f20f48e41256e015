//! Files at WhatsApp (whatsapp-cloud-api-2026, section 5).

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use reqwest::{Body, header};
use secrecy::SecretString;
use serde::Deserialize;

use crate::whatsapp::client::WhatsAppClient;
use crate::whatsapp::management::{ManagementError, call_within};

/// Between the parts of a form. Whether a file contains it does not matter: the part's length is known to nobody, but a file that
/// could end it would need these 128 random bits, which are made for each upload.
fn boundary() -> String {
    hex::encode(crate::ids::random::<16>())
}

/// Why the bytes of a form do not come.
type Failed = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
struct UploadResponse {
    id: String,
}

impl WhatsAppClient {
    /// Uploads a file of `size` bytes for a number, within `time`, and returns WhatsApp's id of it. The bytes are sent as they come,
    /// so that no file is ever in memory as a whole. An upload may be repeated: it only makes another id.
    pub async fn upload_media<E: Error + Send + Sync + 'static>(
        &self,
        (number_id, token): (&str, &SecretString),
        (mime_type, size): (&str, u64),
        bytes: impl Stream<Item = Result<Bytes, E>> + Send + Sync + 'static,
        time: Duration,
    ) -> Result<String, ManagementError> {
        let boundary = boundary();
        let before = before_file(&boundary, mime_type);
        let after = format!("\r\n--{boundary}--\r\n");
        let length = before.len() as u64 + size + after.len() as u64;
        let edge = |text: String| stream::iter([Ok(Bytes::from(text))]);
        let form = edge(before).chain(bytes.map_err(Failed::from)).chain(edge(after)).map_ok(Frame::data);
        let request = self
            .client()
            .post(self.url(&format!("{number_id}/media")))
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .header(header::CONTENT_LENGTH, length)
            .body(Body::wrap(StreamBody::new(form)));
        let response: UploadResponse = call_within(request, token, time).await?;
        Ok(response.id)
    }
}

/// The form up to the file's bytes. The file's name is ours: WhatsApp shows the one that a message names.
fn before_file(boundary: &str, mime_type: &str) -> String {
    let field = |name: &str, value: &str| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let (product, kind) = (field("messaging_product", "whatsapp"), field("type", mime_type));
    format!(
        "{product}{kind}--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\nContent-Type: {mime_type}\r\n\r\n"
    )
}
