//! The files of messages, as a phone shows them: without the token that Meta's URLs want.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::state::Simulator;

/// The types that a browser shows as what they are. Everything else, a web page in particular, is for keeping.
const SHOWN: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "video/mp4",
    "video/3gpp",
    "audio/aac",
    "audio/amr",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
    "audio/webm",
];

/// `GET /phone/files/{id}`
pub async fn file(State(simulator): State<Simulator>, Path(id): Path<String>) -> Response {
    let Some((mime_type, bytes)) = simulator.files.content(&id, simulator.clock.now()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let shown = SHOWN.iter().find(|shown| **shown == kind);
    let headers = [
        (header::CONTENT_TYPE, *shown.unwrap_or(&"application/octet-stream")),
        (header::CONTENT_DISPOSITION, if shown.is_some() { "inline" } else { "attachment" }),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    (headers, [("cross-origin-resource-policy", "same-origin")], bytes).into_response()
}
