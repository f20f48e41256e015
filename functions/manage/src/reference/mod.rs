//! `GET /docs` and `GET /v1/openapi.json`: the API reference, which needs no key (docs/adr/0056).

use crate::static_file::{CSS, Content, HTML, JAVASCRIPT, StaticFile};

/// The files of the API reference.
pub static FILES: [StaticFile; 5] = [
    file("/docs", HTML, Content::Plain(include_bytes!("files/page.html"))),
    file("/docs/page.js", JAVASCRIPT, Content::Plain(include_bytes!("files/page.js"))),
    file(
        "/docs/swagger-ui-bundle.js",
        JAVASCRIPT,
        Content::Compressed(include_bytes!("files/swagger-ui-bundle.js.gz")),
    ),
    file("/docs/swagger-ui.css", CSS, Content::Compressed(include_bytes!("files/swagger-ui.css.gz"))),
    file(
        "/v1/openapi.json",
        "application/json",
        Content::Compressed(include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"))),
    ),
];

const fn file(path: &'static str, content_type: &'static str, content: Content) -> StaticFile {
    StaticFile { path, content_type, content, uses_bucket: false, style: None }
}
