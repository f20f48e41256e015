//! A look at a file before its message is accepted, so that what WhatsApp would certainly refuse is refused at once.
//!
//! Only what is certain counts: a host that does not answer in time, or says nothing, leaves the verdict to WhatsApp.
//! The URL is a stranger's: nothing but public addresses is called, no redirect is followed, and no body is read.

use std::time::Duration;

use reqwest::header::{self, HeaderName};
use reqwest::{Method, Response, StatusCode};
use shared::api_error::{ApiError, ErrorCode};
use shared::content::{Content, MediaType};
use shared::customer_url::{CustomerUrl, Refused};
use shared::outbound::{self, Outbound};
use tokio::time::timeout;
use url::Url;

use crate::media_format::{MediaFormat, Named};

/// The time for all of it: the lookup of the name and both calls. The customer waits, and so does the function.
const TIME: Duration = Duration::from_secs(2);

/// The field that errors name.
const FIELD: &str = "mediaUrl";

/// Looks at files.
pub struct Preflight {
    outbound: Outbound,
}

/// What a host says of a file.
#[derive(Debug, Default)]
struct Seen {
    content_type: Option<String>,
    bytes: Option<u64>,
}

impl Preflight {
    /// Looks through these calls.
    pub const fn new(outbound: Outbound) -> Self {
        Self { outbound }
    }

    /// Refuses what WhatsApp would certainly refuse, and what must not be called.
    pub async fn check(&self, content: &Content) -> Result<(), ApiError> {
        let Content::Media { media, url, .. } = content else {
            return Ok(());
        };
        let url = self.outbound.check_media(url).map_err(refused)?;
        check_name(*media, url.url())?;
        match timeout(TIME, self.look(&url)).await {
            Ok(Ok(seen)) => judge(*media, &seen),
            Ok(Err(error)) => outbound::refusal(&error).map_or(Ok(()), |why| Err(refused(why))),
            Err(_) => Ok(()),
        }
    }

    /// Asks for the file's headers; where a host won't have that (presigned URLs are for GET alone), for its first byte.
    async fn look(&self, url: &CustomerUrl) -> Result<Seen, reqwest::Error> {
        let head = self.outbound.request(Method::HEAD, url).send().await?;
        if !head.status().is_client_error() && head.status() != StatusCode::NOT_IMPLEMENTED {
            return Ok(Seen::of(&head));
        }
        let get = self.outbound.request(Method::GET, url).header(header::RANGE, "bytes=0-0").send().await?;
        Ok(Seen::of(&get)) // dropped unread, which closes the connection
    }
}

impl Seen {
    /// What an answer says; nothing when it is not about the file: an error, or a redirect to somewhere else.
    fn of(response: &Response) -> Self {
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
    let format = MediaFormat::of(media);
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let Some((_, extension)) = name.rsplit_once('.') else {
        return Ok(());
    };
    let field = match format.named(extension) {
        Named::Fitting => return Ok(()),
        Named::Elsewhere => "mediaType",
        Named::Nowhere => FIELD,
    };
    Err(unsupported(field, media, &format!(".{extension}")))
}

fn judge(media: MediaType, seen: &Seen) -> Result<(), ApiError> {
    let format = MediaFormat::of(media);
    if let Some(content_type) = seen.content_type.as_deref().filter(|content_type| format.excludes(content_type)) {
        return Err(unsupported(FIELD, media, content_type));
    }
    if let Some(bytes) = seen.bytes.filter(|bytes| *bytes > format.max_bytes) {
        let (word, max) = (media.word(), format.max_bytes);
        let message = format!("the file has {bytes} bytes; WhatsApp takes at most {max} with mediaType {word}");
        return Err(ApiError::field(ErrorCode::MediaTooLarge, FIELD, message));
    }
    Ok(())
}

fn unsupported(field: &str, media: MediaType, found: &str) -> ApiError {
    let (word, names) = (media.word(), MediaFormat::of(media).names);
    let message = format!("the file is {found}; with mediaType {word} it must be {names}");
    ApiError::field(ErrorCode::UnsupportedMediaType, field, message)
}

fn refused(why: Refused) -> ApiError {
    ApiError::invalid(FIELD, why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<(), ApiError>) -> Option<(ErrorCode, String)> {
        result.err().map(|error| (error.code(), error.at_field().unwrap_or_default().to_owned()))
    }

    #[test]
    fn a_name_that_says_what_a_file_is_decides_and_any_other_does_not() {
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
    fn a_file_of_exactly_the_most_bytes_is_taken_and_one_byte_more_is_not() {
        for (media, most) in [
            (MediaType::Image, 5_242_880),
            (MediaType::Video, 16_777_216),
            (MediaType::Audio, 16_777_216),
            (MediaType::Document, 104_857_600),
        ] {
            let judge = |bytes| code(judge(media, &Seen { content_type: None, bytes: Some(bytes) }));
            assert_eq!(judge(most), None, "{media:?}");
            assert_eq!(judge(most + 1), Some((ErrorCode::MediaTooLarge, "mediaUrl".to_owned())), "{media:?}");
        }
    }
}

#[cfg(test)]
mod resolvers;
