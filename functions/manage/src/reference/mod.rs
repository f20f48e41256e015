//! `GET /docs` and `GET /v1/openapi.json`: the API reference, which needs no key (docs/adr/0056).
//!
//! The files are part of the binary, compressed: nothing is read from a table or another host, and no request costs more than
//! a refused one but for its bytes.

use std::io::Read;

use flate2::read::GzDecoder;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, Response};
use shared::http::{ApiError, ErrorCode};

/// What the page may load and do: scripts, styles and calls of its own origin, and pictures in its styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How long a browser or a proxy keeps a file: after an upgrade everybody has the new one in five minutes.
const CACHE_CONTROL: &str = "public, max-age=300";

/// A file.
struct File {
    path: &'static str,
    content_type: &'static str,
    content: Content,
}

enum Content {
    Plain(&'static [u8]),
    Compressed(&'static [u8]),
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

static FILES: [File; 5] = [
    File {
        path: "/docs",
        content_type: "text/html; charset=utf-8",
        content: Content::Plain(include_bytes!("files/page.html")),
    },
    File { path: "/docs/page.js", content_type: JAVASCRIPT, content: Content::Plain(include_bytes!("files/page.js")) },
    File {
        path: "/docs/swagger-ui-bundle.js",
        content_type: JAVASCRIPT,
        content: Content::Compressed(include_bytes!("files/swagger-ui-bundle.js.gz")),
    },
    File {
        path: "/docs/swagger-ui.css",
        content_type: "text/css; charset=utf-8",
        content: Content::Compressed(include_bytes!("files/swagger-ui.css.gz")),
    },
    File {
        path: "/v1/openapi.json",
        content_type: "application/json",
        content: Content::Compressed(include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"))),
    },
];

/// The answer to a request for a file of the reference, if it is one.
pub fn answer(request: &Request) -> Option<Result<Response<Body>, ApiError>> {
    let file = FILES.iter().find(|file| file.path == request.uri().path())?;
    if *request.method() != Method::GET {
        return Some(Err(ApiError::new(ErrorCode::MethodNotAllowed, "This path supports only GET.")));
    }
    Some(file.response(request.headers()).map_err(ApiError::internal))
}

impl File {
    fn response(&self, request: &HeaderMap) -> std::io::Result<Response<Body>> {
        let tag = self.tag();
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
        set(header::CACHE_CONTROL, CACHE_CONTROL);
        set(header::CONTENT_SECURITY_POLICY, POLICY);
        set(header::REFERRER_POLICY, "no-referrer");
        set(header::VARY, "accept-encoding");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if is_compressed {
            set(header::CONTENT_ENCODING, "gzip");
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        Ok(response)
    }

    /// A weak entity tag, since it is the same for the compressed form: the content's checksum and length.
    fn tag(&self) -> String {
        let bytes = match self.content {
            Content::Plain(bytes) | Content::Compressed(bytes) => bytes,
        };
        let mut checksum = flate2::Crc::new();
        checksum.update(bytes);
        format!("W/\"{:x}-{:x}\"", checksum.sum(), bytes.len())
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
