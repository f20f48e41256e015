//! The page's files, which are part of the binary.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the page may load and do: files of its own origin, files of messages, and those that it holds itself. With
/// `trusted-types` no text can become an element.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, type and content.
type File = (&'static str, &'static str, &'static str);

const INDEX: File = ("index.html", HTML, include_str!("page/index.html"));

const FILES: &[File] = &[
    ("actions.js", JAVASCRIPT, include_str!("page/actions.js")),
    ("api.js", JAVASCRIPT, include_str!("page/api.js")),
    ("chats.js", JAVASCRIPT, include_str!("page/chats.js")),
    ("composer.js", JAVASCRIPT, include_str!("page/composer.js")),
    ("card.css", CSS, include_str!("page/card.css")),
    ("controls.css", CSS, include_str!("page/controls.css")),
    ("content.js", JAVASCRIPT, include_str!("page/content.js")),
    ("dom.js", JAVASCRIPT, include_str!("page/dom.js")),
    ("format.js", JAVASCRIPT, include_str!("page/format.js")),
    ("i18n.js", JAVASCRIPT, include_str!("page/i18n.js")),
    ("icon.svg", SVG, include_str!("page/icon.svg")),
    ("interactive.js", JAVASCRIPT, include_str!("page/interactive.js")),
    ("layout.css", CSS, include_str!("page/layout.css")),
    ("live.js", JAVASCRIPT, include_str!("page/live.js")),
    ("main.js", JAVASCRIPT, include_str!("page/main.js")),
    ("media.js", JAVASCRIPT, include_str!("page/media.js")),
    ("message.css", CSS, include_str!("page/message.css")),
    ("messages.js", JAVASCRIPT, include_str!("page/messages.js")),
    ("outbox.js", JAVASCRIPT, include_str!("page/outbox.js")),
    ("overlay.js", JAVASCRIPT, include_str!("page/overlay.js")),
    ("page.css", CSS, include_str!("page/page.css")),
    ("panel.js", JAVASCRIPT, include_str!("page/panel.js")),
    ("phones.js", JAVASCRIPT, include_str!("page/phones.js")),
    ("place.js", JAVASCRIPT, include_str!("page/place.js")),
    ("template.js", JAVASCRIPT, include_str!("page/template.js")),
    ("thread.js", JAVASCRIPT, include_str!("page/thread.js")),
];

/// `GET /phone`
pub async fn index() -> Response {
    respond(INDEX)
}

/// `GET /phone/{file}`
pub async fn file(Path(name): Path<String>) -> Response {
    let found = FILES.iter().find(|(file, ..)| *file == name);
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |file| respond(*file))
}

fn respond((_, content_type, content): File) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}
