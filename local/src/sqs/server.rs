//! The AWS JSON 1.0 protocol over HTTP: the operation in a header, JSON in the body, errors with two names.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use bytes::Bytes;
use rustack_sqs_model::operations::SqsOperation;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::error::{ErrorCode, SqsError};
use super::queues::Sqs;

/// The largest body, in bytes: a batch of 1 MiB can grow sixfold when its JSON escapes each character.
const MAX_BODY: usize = 8 * 1024 * 1024;

impl Sqs {
    /// Serves requests until the answer is dropped. Queue URLs name the listener's address as soon as this returns.
    ///
    /// # Errors
    ///
    /// If the listener has no address.
    pub fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<impl Future<Output = io::Result<()>> + Send> {
        let address = listener.local_addr()?;
        self.address.get_or_init(|| address);
        // Answers are small and awaited: none waits for another to fill its packet.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        Ok(async { axum::serve(listener, self.router()).await })
    }

    /// The routes, for a server of the caller's own. JavaScript's SDK posts to a queue's URL, all others to the root.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", post(handle))
            .fallback(post(handle))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(self)
    }
}

async fn handle(State(sqs): State<Arc<Sqs>>, headers: HeaderMap, body: Bytes) -> Response {
    let called = match operation(&headers) {
        Ok(operation) => sqs.call(operation, &body).await,
        Err(error) => Err(error),
    };
    let id = Uuid::new_v4().to_string();
    let shared = [(CONTENT_TYPE.as_str(), "application/x-amz-json-1.0"), ("x-amzn-requestid", &id)];
    match called {
        Ok(answer) => (shared, answer).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let names = [("x-amzn-query-error", format!("{};Sender", error.code.query_name()))];
            let body = serde_json::json!({ "__type": error.code.json_name(), "message": error.message });
            (status, shared, names, body.to_string()).into_response()
        }
    }
}

/// The operation that the target header names.
fn operation(headers: &HeaderMap) -> Result<SqsOperation, SqsError> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let name = target.strip_prefix("AmazonSQS.").unwrap_or_default();
    SqsOperation::from_name(name).ok_or_else(|| {
        let message = format!("The action {target} is not valid for this endpoint.");
        SqsError::new(ErrorCode::UnknownOperation, message)
    })
}
