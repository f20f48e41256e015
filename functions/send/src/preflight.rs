//! The preflight check of a file before its message is accepted: what WhatsApp would certainly refuse is refused at once.
//!
//! Only certain knowledge counts: if the host does not answer in time, or gives no format, WhatsApp decides. The URL is
//! untrusted: only public addresses are called, no redirect is followed, and no body is read (docs/adr/0010). A host that is
//! slow is not called for a while (`wait_budget`).

use std::time::{Duration, Instant};

use reqwest::header::{self, HeaderName};
use reqwest::{Method, Response, StatusCode};
use shared::http::{ApiError, ErrorCode};
use shared::ids::AccountId;
use shared::message::{Content, MediaType};
use shared::outbound::{CustomerUrl, OutboundClient, UrlError, client};
use tokio::time::timeout;
use url::Url;

use shared::whatsapp::{MediaLimits, NameMatch};

use crate::wait_budget::WaitBudget;

/// The time for the whole check, the name's lookup and both calls: the customer is waiting, and so is the function.
const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(2);

/// The field that errors name.
const FIELD: &str = "mediaUrl";

/// Checks files.
pub struct Preflight {
    outbound: OutboundClient,
    waits: WaitBudget,
}

/// A file whose URL and name are acceptable.
pub struct File {
    media: MediaType,
    url: CustomerUrl,
}

/// What the headers of a response say about a file.
#[derive(Debug, Default)]
struct FileInfo {
    content_type: Option<String>,
    bytes: Option<u64>,
}

impl Preflight {
    /// Checks files through this client.
    pub fn new(outbound: OutboundClient) -> Self {
        Self { outbound, waits: WaitBudget::default() }
    }

    /// The file of a message, if its host is to be called. Refuses what needs no call: by its URL, and by its name.
    pub fn file(&self, account: &AccountId, content: &Content) -> Result<Option<File>, ApiError> {
        let Content::Media { media, url, .. } = content else {
            return Ok(None);
        };
        let url = self.outbound.check_media(url).map_err(refused)?;
        check_name(*media, url.url())?;
        Ok(self.waits.allows(account).then_some(File { media: *media, url }))
    }

    /// Refuses what WhatsApp would certainly refuse, and what must not be called.
    pub async fn check(&self, account: &AccountId, file: &File) -> Result<(), ApiError> {
        let started = Instant::now();
        let fetched = timeout(PREFLIGHT_TIMEOUT, self.fetch_info(file)).await;
        self.waits.spend(account, started.elapsed());
        match fetched {
            Ok(Ok(info)) => check_info(file.media, &info),
            Ok(Err(error)) => client::refused_url(&error).map_or(Ok(()), |why| Err(refused(why))),
            Err(_) => Ok(()),
        }
    }

    /// Requests the file's headers. The first byte is requested where HEAD says nothing, since presigned URLs are for GET
    /// only, or would have the file refused: some hosts answer it with a page, and WhatsApp will GET the file.
    async fn fetch_info(&self, file: &File) -> Result<FileInfo, reqwest::Error> {
        let head = self.outbound.request(Method::HEAD, &file.url).send().await?;
        if !head.status().is_client_error() && head.status() != StatusCode::NOT_IMPLEMENTED {
            let info = FileInfo::from_response(&head);
            if check_info(file.media, &info).is_ok() {
                return Ok(info);
            }
        }
        let get = self.outbound.request(Method::GET, &file.url).header(header::RANGE, "bytes=0-0").send().await?;
        Ok(FileInfo::from_response(&get)) // dropped unread, which closes the connection
    }
}

impl FileInfo {
    /// Reads a response; empty when it is not about the file: an error, or a redirect.
    fn from_response(response: &Response) -> Self {
        if !response.status().is_success() {
            return Self::default();
        }
        let text = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        let bytes = match response.status() {
            StatusCode::PARTIAL_CONTENT => text(header::CONTENT_RANGE).and_then(|range| range.rsplit('/').next()),
            _ => text(header::CONTENT_LENGTH),
        };
        Self {
            content_type: text(header::CONTENT_TYPE).map(str::to_owned),
            bytes: bytes.and_then(|bytes| bytes.trim().parse().ok()),
        }
    }
}

fn check_name(media: MediaType, url: &Url) -> Result<(), ApiError> {
    let limits = MediaLimits::for_type(media);
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let Some((_, extension)) = name.rsplit_once('.') else {
        return Ok(());
    };
    let field = match limits.match_extension(extension) {
        NameMatch::Allowed => return Ok(()),
        NameMatch::OtherMediaType => "mediaType",
        NameMatch::Unsupported => FIELD,
    };
    Err(unsupported(field, media, &format!(".{extension}")))
}

fn check_info(media: MediaType, info: &FileInfo) -> Result<(), ApiError> {
    let limits = MediaLimits::for_type(media);
    if let Some(content_type) = info.content_type.as_deref().filter(|content_type| limits.excludes(content_type)) {
        return Err(unsupported(FIELD, media, content_type));
    }
    if let Some(bytes) = info.bytes.filter(|bytes| *bytes > limits.max_bytes) {
        let (name, max): (&str, u64) = (media.into(), limits.max_bytes);
        let message =
            format!("The file of `{FIELD}` has {bytes} bytes; WhatsApp accepts at most {max} for `mediaType` {name}.");
        return Err(ApiError::field(ErrorCode::MediaTooLarge, FIELD, message));
    }
    Ok(())
}

fn unsupported(field: &str, media: MediaType, found: &str) -> ApiError {
    let (name, formats): (&str, &str) = (media.into(), MediaLimits::for_type(media).names);
    let message = format!("The file of `{FIELD}` is {found}; for `mediaType` {name} it must be {formats}.");
    ApiError::field(ErrorCode::UnsupportedMediaType, field, message)
}

fn refused(error: UrlError) -> ApiError {
    ApiError::invalid(FIELD, format!("`{FIELD}` {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<(), ApiError>) -> Option<(ErrorCode, String)> {
        result.err().map(|error| (error.code, error.field.unwrap_or_default()))
    }

    #[test]
    fn a_known_extension_of_another_format_is_refused_and_any_other_is_not() {
        let unsupported = |field: &str| Some((ErrorCode::UnsupportedMediaType, field.to_owned()));
        for (path, expected) in [
            ("/image.jpg", None),
            ("/IMAGE.JPG?size=large", None),
            ("/", None),
            ("/image", None),
            ("/image.php", None),
            ("/v1.mp4/image", None),
            ("/image?name=a.exe", None),
            ("/image#a.exe", None),
            ("/.", None),
            ("/a.pdf", unsupported("mediaType")),
            ("/a.jpg.MP4", unsupported("mediaType")),
            ("/a.gif", unsupported("mediaUrl")),
            ("/a.exe?x=.jpg", unsupported("mediaUrl")),
        ] {
            let url = Url::parse(&format!("https://example.com{path}")).expect(path);
            assert_eq!(code(check_name(MediaType::Image, &url)), expected, "{path}");
        }
    }

    #[test]
    fn a_file_of_the_maximum_size_is_accepted_and_a_larger_one_is_not() {
        for (media, most) in [
            (MediaType::Image, 5_242_880),
            (MediaType::Video, 16_777_216),
            (MediaType::Audio, 16_777_216),
            (MediaType::Document, 104_857_600),
        ] {
            let check = |bytes| code(check_info(media, &FileInfo { content_type: None, bytes: Some(bytes) }));
            assert_eq!(check(most), None, "{media:?}");
            assert_eq!(check(most + 1), Some((ErrorCode::MediaTooLarge, "mediaUrl".to_owned())), "{media:?}");
        }
    }
}

#[cfg(test)]
mod resolvers;
