//! Files at WhatsApp (whatsapp-cloud-api-2026, section 5).

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use reqwest::{Body, Method, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::outbound::{CustomerUrl, OutboundClient};
use crate::whatsapp::client::WhatsAppClient;
use crate::whatsapp::management::{ManagementError, call, call_within};

/// Between the parts of a form. Whether a file contains it does not matter: the part's length is known to nobody, but a file that
/// could end it would need these 128 random bits, which are made for each upload.
fn boundary() -> String {
    hex::encode(crate::ids::random::<16>())
}

/// The largest file that WhatsApp passes on, in bytes (whatsapp-cloud-api-2026, section 5), the larger of the two megabytes.
const MAX_RECEIVED: u64 = 100 * 1024 * 1024;

/// Why the bytes of a form do not come.
type Failed = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
struct UploadResponse {
    id: String,
}

/// Where a file can be read for five minutes, with the number's token.
#[derive(Debug, Deserialize)]
pub struct MediaUrl {
    /// The URL.
    pub url: String,
    /// The file's type.
    pub mime_type: Option<String>,
}

impl WhatsAppClient {
    /// Where a file is that a number has received.
    pub async fn media_url(
        &self,
        media_id: &str,
        number_id: &str,
        token: &SecretString,
    ) -> Result<MediaUrl, ManagementError> {
        let query = format!("{media_id}?phone_number_id={number_id}");
        call(self.client().get(self.url(&query)), token).await
    }

    /// Opens a file: its size, and its bytes as they come. The token goes to the host that WhatsApp has named, over https and to a public
    /// address, and to no other: no redirect is followed. A file that is larger than any of WhatsApp's, or of no size, is not read.
    ///
    /// # Errors
    /// Why it cannot be read now.
    pub async fn open_media(
        outbound: &OutboundClient,
        url: &CustomerUrl,
        token: &SecretString,
        time: Duration,
    ) -> Result<(u64, Body), String> {
        let request = outbound.request(Method::GET, url).bearer_auth(token.expose_secret()).timeout(time);
        let response = request.send().await.map_err(|error| error.without_url().to_string())?;
        if !response.status().is_success() {
            return Err(format!("the file's host answers {}", response.status()));
        }
        match response.content_length() {
            Some(size) if size <= MAX_RECEIVED => Ok((size, response.into())),
            size => Err(format!("the file has {size:?} bytes")),
        }
    }

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
