//! Files that are a part of the binary and need no key: the API reference and the console (docs/adr/0056, docs/adr/0062).
//!
//! Nothing is read from a table or another host, and no request costs more than a refused one but for its bytes.

use std::io::Read;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, Response};
use shared::http::{ApiError, ErrorCode};
use shared::media::Bucket;

/// How long a browser or a proxy keeps a file: after an upgrade everybody has the new one in five minutes.
const CACHE_CONTROL: &str = "public, max-age=300";
/// How long it keeps one that was asked for by its version: another content has another address.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Nobody keeps what was asked for by another version: during a deployment a process of the former one may be asked for a new script.
const OF_ANOTHER_VERSION: &str = "no-store";

/// The content type of scripts.
pub const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
/// The content type of pages.
pub const HTML: &str = "text/html; charset=utf-8";
/// The content type of styles.
pub const CSS: &str = "text/css; charset=utf-8";

/// A file.
pub struct StaticFile {
    /// The path at which it is got.
    pub path: &'static str,
    /// Its content type.
    pub content_type: &'static str,
    /// Its bytes.
    pub content: Content,
    /// Whether the page may also put files to the bucket and show those in it, which has an origin of its own.
    pub uses_bucket: bool,
    /// The styles that are in the page itself. The policy allows no others but those of files.
    pub style: Option<&'static [u8]>,
}

/// The bytes of a file.
pub enum Content {
    /// As they are.
    Plain(&'static [u8]),
    /// With gzip.
    Compressed(&'static [u8]),
}

/// The answer to a request for one of these files, if it is one.
pub async fn answer(
    files: &[&StaticFile],
    request: &Request,
    bucket: &Bucket,
) -> Option<Result<Response<Body>, ApiError>> {
    let file = files.iter().find(|file| file.path == request.uri().path())?;
    if *request.method() != Method::GET {
        return Some(Err(ApiError::new(ErrorCode::MethodNotAllowed, "This path supports only GET.")));
    }
    let bucket = match file.uses_bucket {
        true => match bucket.origin().await {
            Ok(origin) => format!(" {origin}"),
            Err(error) => return Some(Err(ApiError::internal(error))),
        },
        false => String::new(),
    };
    Some(file.response(request, &policy(&bucket, file.style)).map_err(ApiError::internal))
}

/// What a page may load and do: scripts, styles and calls of its own origin, and pictures in its styles.
fn policy(bucket: &str, style: Option<&[u8]>) -> String {
    let style = style.map(|style| {
        let hash = STANDARD.encode(digest::digest(&digest::SHA256, style));
        format!(" 'sha256-{hash}'")
    });
    let style = style.unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' data:{bucket}; connect-src 'self'{bucket}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

impl StaticFile {
    fn response(&self, request: &Request, policy: &str) -> std::io::Result<Response<Body>> {
        let version = self.content.version();
        let kept = match request.uri().query() {
            None => CACHE_CONTROL,
            Some(asked) if asked == version => IMMUTABLE,
            Some(_) => OF_ANOTHER_VERSION,
        };
        let request = request.headers();
        // Weak, since it is the same for the compressed form.
        let tag = format!("W/\"{version}\"");
        let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let (body, is_compressed) = match &self.content {
            _ if is_known => (Body::Empty, false),
            Content::Plain(bytes) => (Body::Text(String::from_utf8_lossy(bytes).into_owned()), false),
            Content::Compressed(bytes) if takes_gzip(request) => (Body::Binary(bytes.to_vec()), true),
            Content::Compressed(bytes) => {
                let mut text = String::new();
                GzDecoder::new(*bytes).read_to_string(&mut text)?;
                (Body::Text(text), false)
            }
        };
        let mut response = Response::new(body);
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
        set(header::CONTENT_TYPE, self.content_type);
        set(header::CACHE_CONTROL, kept);
        set(header::REFERRER_POLICY, "no-referrer");
        set(header::VARY, "accept-encoding");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if is_compressed {
            set(header::CONTENT_ENCODING, "gzip");
        }
        for (name, value) in [(header::ETAG, tag.as_str()), (header::CONTENT_SECURITY_POLICY, policy)] {
            headers.insert(name, HeaderValue::from_str(value).map_err(std::io::Error::other)?);
        }
        Ok(response)
    }
}

impl Content {
    /// The checksum and length of the bytes.
    fn version(&self) -> String {
        let (Self::Plain(bytes) | Self::Compressed(bytes)) = self;
        let mut checksum = flate2::Crc::new();
        checksum.update(bytes);
        format!("{:x}-{:x}", checksum.sum(), bytes.len())
    }
}

/// Whether the client takes the compressed form, as every browser does.
fn takes_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight != Some(0.0)
    })
}
