//! The Lambda Runtime API of one execution environment (AWS Lambda developer guide, "Using the Lambda runtime API").

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use shared::mutex::lock;

/// The function's response, or why there is none.
pub type InvocationResult = Result<Bytes, InvocationError>;

/// Why an invocation has no response.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    #[error("{0}")]
    Failed(String),
    #[error("Task timed out after {0} seconds")]
    TimedOut(u64),
    #[error("Runtime exited before it answered")]
    Exited,
    #[error("can't be started: {0}")]
    NotStarted(#[from] std::io::Error),
}

/// An invocation of the environment.
pub struct Invocation {
    pub request_id: String,
    pub event: Bytes,
    /// When the timeout ends.
    pub deadline: SystemTime,
    pub response: oneshot::Sender<InvocationResult>,
    /// Becomes true when the process receives the event.
    pub received: Arc<AtomicBool>,
}

struct Api {
    function_arn: String,
    invocations: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    current: Mutex<Option<(String, oneshot::Sender<InvocationResult>)>>,
    ready: watch::Sender<bool>,
}

/// The API's routes: the process requests `invocations` one by one; `ready` becomes true with its first request.
pub fn router(function_arn: String, invocations: mpsc::Receiver<Invocation>, ready: watch::Sender<bool>) -> Router {
    let invocations = tokio::sync::Mutex::new(invocations);
    let api = Api { function_arn, invocations, current: Mutex::new(None), ready };
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
        .with_state(Arc::new(api))
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    api.ready.send_replace(true);
    let Some(invocation) = api.invocations.lock().await.recv().await else {
        return std::future::pending().await; // the environment is being discarded, and the process killed
    };
    let deadline = invocation.deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", &invocation.request_id),
        ("lambda-runtime-deadline-ms", &deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", &api.function_arn),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0"),
    ];
    let response = (headers, invocation.event).into_response();
    invocation.received.store(true, Ordering::Relaxed);
    *lock(&api.current) = Some((invocation.request_id, invocation.response));
    response
}

async fn response(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.complete(&id, Ok(body))
}

async fn error(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.complete(&id, Err(InvocationError::Failed(error_message(&body))))
}

async fn init_error() -> StatusCode {
    StatusCode::ACCEPTED // the process exits by itself, and its log says why
}

impl Api {
    fn complete(&self, id: &str, result: InvocationResult) -> StatusCode {
        let current = lock(&self.current).take_if(|(current, _)| current == id);
        let Some((_, sender)) = current else {
            return StatusCode::BAD_REQUEST;
        };
        drop(sender.send(result)); // after a timeout nobody waits for it
        StatusCode::ACCEPTED
    }
}

fn error_message(error: &[u8]) -> String {
    let error: Value = serde_json::from_slice(error).unwrap_or_default();
    let text = |field: &str| error[field].as_str().unwrap_or("unknown").to_owned();
    format!("{}: {}", text("errorType"), text("errorMessage"))
}
