//! The bucket of files. Keys carry ids of an account and of a file and nothing else, so none can lead out of its account's prefix.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation};
use aws_sdk_s3::error::{DisplayErrorContext, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use futures::Stream;
use futures::stream::try_unfold;
use reqwest::Body;

use crate::aws::{EnvironmentError, environment};
use crate::ids::{AccountId, MediaId, MessageId};
use crate::media::record::Media;

/// How long a URL to upload or download may be used: it is signed, and needs no key.
pub const PRESIGNED_URL_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// The prefix of files of received messages. The bucket deletes them as many days after they came as messages are kept.
const INBOUND: &str = "inbound";
/// The prefix of files that are to be sent. The bucket deletes them after 29 days.
const OUTBOUND: &str = "outbound";

/// A bucket that did not answer.
#[derive(Debug, thiserror::Error)]
#[error("S3: {0}")]
pub struct BucketError(String);

/// A bucket of files.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

/// Where the bytes of a file are to be put, and with which headers: the signature holds for no others.
#[derive(Debug)]
pub struct UploadUrl {
    /// The URL.
    pub url: String,
    /// The headers, by their names.
    pub headers: Vec<(&'static str, String)>,
}

/// Of `If-None-Match`: any object that is there already, of which S3 answers 412 (RFC 9110, 13.1.2).
const ANYTHING: &str = "*";

/// A stored file. Its bytes are read as they are needed.
#[derive(Debug)]
pub struct StoredFile {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes.
    pub bytes: ByteStream,
}

impl Bucket {
    /// The bucket that `MEDIA_BUCKET` names.
    pub fn from_environment(config: &SdkConfig) -> Result<Self, EnvironmentError> {
        // The checksums of the SDK's own would be part of a signed URL, whose bytes are not known yet.
        let config = Builder::from(config).request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        Ok(Self { client: Client::from_conf(config.build()), name: environment::text("MEDIA_BUCKET")? })
    }

    /// A URL to which exactly this file can be put, once: size and type are signed, and that nothing is there yet. Each put would be
    /// announced, and nobody counts them. No call is made.
    pub async fn upload_url(&self, media: &Media, life: Duration) -> Result<UploadUrl, BucketError> {
        let size = i64::try_from(media.size).unwrap_or(i64::MAX);
        let put = self.client.put_object().bucket(&self.name).key(outbound_key(&media.account_id, &media.id));
        let put = put.content_type(&media.mime_type).content_length(size).if_none_match(ANYTHING);
        let life = PresigningConfig::expires_in(life).map_err(|error| BucketError(error.to_string()))?;
        let signed = put.presigned(life).await.map_err(failed)?;
        Ok(UploadUrl {
            url: signed.uri().to_owned(),
            headers: vec![
                ("Content-Type", media.mime_type.clone()),
                ("Content-Length", size.to_string()),
                ("If-None-Match", ANYTHING.to_owned()),
            ],
        })
    }

    /// The origin of the URLs that are signed, such as `https://bucket.s3.sa-east-1.amazonaws.com`. No call is made.
    pub async fn origin(&self) -> Result<String, BucketError> {
        let life =
            PresigningConfig::expires_in(Duration::from_secs(1)).map_err(|error| BucketError(error.to_string()))?;
        let signed = self.client.get_object().bucket(&self.name).key(INBOUND).presigned(life).await.map_err(failed)?;
        let url = reqwest::Url::parse(signed.uri()).map_err(|error| BucketError(error.to_string()))?;
        Ok(url.origin().ascii_serialization())
    }

    /// Stores the file of a received message, as its bytes come, within `time`.
    pub async fn put_inbound(
        &self,
        (account, message): (&AccountId, &MessageId),
        mime_type: Option<&str>,
        (size, bytes): (u64, Body),
        time: Duration,
    ) -> Result<(), BucketError> {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(time).build();
        let put = self.client.put_object().bucket(&self.name).key(inbound_key(account, message));
        let put = put.content_length(i64::try_from(size).unwrap_or(i64::MAX)).body(ByteStream::from_body_1_x(bytes));
        let put = put.set_content_type(mime_type.map(download_type));
        let put = put.customize().config_override(aws_sdk_s3::Config::builder().timeout_config(timeouts));
        put.send().await.map(drop).map_err(failed)
    }

    /// A URL at which the file of a received message can be got, as an attachment of this name. No call is made.
    pub async fn download_url(
        &self,
        account: &AccountId,
        message: &MessageId,
        filename: &str,
        life: Duration,
    ) -> Result<String, BucketError> {
        let get = self.client.get_object().bucket(&self.name).key(inbound_key(account, message));
        let get = get.response_content_disposition(attachment(filename));
        let life = PresigningConfig::expires_in(life).map_err(|error| BucketError(error.to_string()))?;
        Ok(get.presigned(life).await.map_err(failed)?.uri().to_owned())
    }

    /// Deletes the file of a received message, if it is there.
    pub async fn delete_inbound(&self, account: &AccountId, message: &MessageId) -> Result<(), BucketError> {
        self.delete(inbound_key(account, message)).await
    }

    /// Deletes the file that a customer has put, if it is there.
    pub async fn delete_outbound(&self, account: &AccountId, media: &MediaId) -> Result<(), BucketError> {
        self.delete(outbound_key(account, media)).await
    }

    async fn delete(&self, key: String) -> Result<(), BucketError> {
        let delete = self.client.delete_object().bucket(&self.name).key(key);
        delete.send().await.map(drop).map_err(failed)
    }

    /// Opens the file of a customer; none when its bytes have not arrived.
    pub async fn open(&self, account: &AccountId, media: &MediaId) -> Result<Option<StoredFile>, BucketError> {
        let get = self.client.get_object().bucket(&self.name).key(outbound_key(account, media));
        match get.send().await {
            Ok(object) => Ok(Some(StoredFile {
                size: object.content_length().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                bytes: object.body,
            })),
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }
}

impl StoredFile {
    /// Reads the beginning of the file: at least `most` bytes, or all that there are.
    pub async fn beginning(&mut self, most: usize) -> Result<Bytes, BucketError> {
        let mut beginning = Vec::new();
        while beginning.len() < most
            && let Some(chunk) = self.bytes.try_next().await.map_err(|error| BucketError(error.to_string()))?
        {
            beginning.extend_from_slice(&chunk);
        }
        Ok(beginning.into())
    }

    /// The file as a stream, with what was read of it before.
    pub fn stream(self, beginning: Bytes) -> impl Stream<Item = Result<Bytes, BucketError>> + Send + Sync + 'static {
        try_unfold((Some(beginning), self.bytes), |(beginning, mut bytes)| async move {
            if let Some(beginning) = beginning {
                return Ok(Some((beginning, (None, bytes))));
            }
            let chunk = bytes.try_next().await.map_err(|error| BucketError(error.to_string()))?;
            Ok(chunk.map(|chunk| (chunk, (None, bytes))))
        })
    }
}

/// The account and the file of a key of ours; none of another key.
pub fn parse_key(key: &str) -> Option<(AccountId, MediaId)> {
    let mut parts = key.split('/');
    let (prefix, account, media) = (parts.next()?, parts.next()?, parts.next()?);
    if prefix != OUTBOUND || parts.next().is_some() {
        return None;
    }
    Some((account.parse().ok()?, media.parse().ok()?))
}

fn inbound_key(account: &AccountId, message: &MessageId) -> String {
    format!("{INBOUND}/{account}/{message}")
}

/// A `Content-Disposition` of a download: nothing is shown within a page. The name is whatever a sender's app gave it, so what is no
/// plain character is written in hexadecimal digits (RFC 6266, RFC 8187).
fn attachment(filename: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    let encoded: String = filename
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("attachment; filename*=UTF-8''{encoded}")
}

/// A text of WhatsApp's as the value of a header: without what no header may contain.
fn header_text(text: &str) -> String {
    text.chars().filter(|char| char.is_ascii_graphic() || *char == ' ').take(127).collect()
}

/// The type of a download: that of the sender's app, unless a browser would run what such a file contains.
fn download_type(mime_type: &str) -> String {
    let text = header_text(mime_type);
    let kind = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = kind.split_once('/').map_or(kind.as_str(), |(_, subtype)| subtype);
    let is_active = subtype.ends_with("+xml")
        || ["html", "xml", "xsl", "javascript", "ecmascript", "x-javascript"].contains(&subtype);
    if is_active { "application/octet-stream".to_owned() } else { text }
}

fn outbound_key(account: &AccountId, media: &MediaId) -> String {
    format!("{OUTBOUND}/{account}/{media}")
}

fn failed<E: std::error::Error + 'static, R: std::fmt::Debug + 'static>(error: SdkError<E, R>) -> BucketError {
    BucketError(DisplayErrorContext(error).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(attachment("Invoice 7.pdf"), "attachment; filename*=UTF-8''Invoice%207.pdf");
        let hostile = attachment("a\"; filename=\"b.exe\r\nX: y\u{202e}é");
        assert!(hostile.bytes().skip("attachment; ".len()).all(|byte| byte.is_ascii_graphic()), "{hostile}");
        assert!(!hostile["attachment; filename*=UTF-8''".len()..].contains(['"', ';', '\'']), "{hostile}");
        assert_eq!(header_text("image/jpeg\r\nX: y"), "image/jpegX: y");
    }

    #[test]
    fn a_download_is_of_no_type_that_a_browser_runs() {
        for active in [
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/xml",
            "text/javascript",
        ] {
            assert_eq!(download_type(active), "application/octet-stream", "{active}");
        }
        let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        for passive in ["image/jpeg", "audio/ogg; codecs=opus", "text/plain", sheet] {
            assert_eq!(download_type(passive), passive);
        }
    }

    #[test]
    fn a_key_names_its_account_and_file_and_other_keys_name_none() {
        let (account, media) = (AccountId::generate(), MediaId::generate());
        assert_eq!(parse_key(&outbound_key(&account, &media)), Some((account, media)));
        for other in [
            "",
            "outbound",
            "outbound/acc_1",
            "inbound/acc_1/media_1",
            "outbound/acc_1/media_1/x",
            "outbound/../media_1",
        ] {
            assert_eq!(parse_key(other), None, "{other}");
        }
    }
}
