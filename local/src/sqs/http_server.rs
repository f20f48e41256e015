//! The AWS JSON 1.0 protocol over HTTP: the operation in a header, JSON in the body, and errors with two names.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use bytes::Bytes;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::service::Sqs;

/// The largest request body in bytes: a batch of 1 MiB grows sixfold when its JSON escapes every character.
const MAX_BODY: usize = 8 * 1024 * 1024;

impl Sqs {
    /// Serves requests until the returned future is dropped. Queue URLs contain the listener's address from here on.
    pub fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<impl Future<Output = io::Result<()>> + Send> {
        let address = listener.local_addr()?;
        self.address.get_or_init(|| address);
        // Responses are small and clients wait for them, so Nagle's algorithm would only add latency.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        // The JavaScript SDK posts to a queue's URL, all others to the root.
        let router = Router::new().fallback(post(handle)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(self);
        Ok(async { axum::serve(listener, router).await })
    }
}

async fn handle(State(sqs): State<Arc<Sqs>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let result = sqs.call(target, &body).await;
    let id = Uuid::new_v4().to_string();
    let headers = [(CONTENT_TYPE.as_str(), "application/x-amz-json-1.0"), ("x-amzn-requestid", &id)];
    match result {
        Ok(output) => (headers, output).into_response(),
        Err(error) => {
            let names = [("x-amzn-query-error", format!("{};Sender", error.query_name()))];
            let body = serde_json::json!({ "__type": error.json_name(), "message": error.to_string() });
            (error.status(), headers, names, body.to_string()).into_response()
        }
    }
}
