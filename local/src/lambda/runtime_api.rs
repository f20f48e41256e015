//! The Lambda Runtime API of one execution environment (AWS Lambda developer guide, "Using the Lambda runtime API").

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Answer, InvocationError};

/// An event for the environment.
pub struct Invocation {
    /// Lambda's id of it.
    pub request_id: String,
    /// The event, JSON.
    pub event: Bytes,
    /// When the function must have answered.
    pub deadline: SystemTime,
    /// Where its answer goes.
    pub answer: oneshot::Sender<Answer>,
    /// Turns true when the process is handed the event.
    pub taken: Arc<AtomicBool>,
}

struct Api {
    function_arn: String,
    events: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    under_way: Mutex<Option<(String, oneshot::Sender<Answer>)>>,
    ready: watch::Sender<bool>,
}

/// The API as a router: `events` are handed out one by one, and `ready` turns true at the first time one is asked for.
pub fn router(function_arn: String, events: mpsc::Receiver<Invocation>, ready: watch::Sender<bool>) -> Router {
    let api = Api { function_arn, events: tokio::sync::Mutex::new(events), under_way: Mutex::new(None), ready };
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
        .with_state(Arc::new(api))
}

async fn next(State(api): State<Arc<Api>>) -> Response<Body> {
    api.ready.send_replace(true);
    let Some(invocation) = api.events.lock().await.recv().await else {
        return std::future::pending().await; // the environment is being thrown away, and the process with it
    };
    let deadline = invocation.deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &invocation.request_id)
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", &api.function_arn)
        .header("lambda-runtime-trace-id", format!("Root=1-{:08x}-{:024x};Sampled=0", 0, 0))
        .body(Body::from(invocation.event));
    invocation.taken.store(true, Ordering::Relaxed);
    *api.lock() = Some((invocation.request_id, invocation.answer));
    response.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn response(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> Response<Body> {
    api.answer(&id, Ok(body))
}

async fn error(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> Response<Body> {
    api.answer(&id, Err(InvocationError::Failed(message(&body))))
}

async fn init_error() -> Response<Body> {
    status(StatusCode::ACCEPTED) // the process ends by itself, and its log says why
}

impl Api {
    fn answer(&self, id: &str, answer: Answer) -> Response<Body> {
        let under_way = self.lock().take_if(|(under_way, _)| under_way == id);
        let Some((_, sender)) = under_way else {
            return status(StatusCode::BAD_REQUEST);
        };
        drop(sender.send(answer)); // nobody waits for an answer that comes after its time-out
        status(StatusCode::ACCEPTED)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(String, oneshot::Sender<Answer>)>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn message(error: &[u8]) -> String {
    let error: Value = serde_json::from_slice(error).unwrap_or_default();
    let text = |field: &str| error[field].as_str().unwrap_or("unknown").to_owned();
    format!("{}: {}", text("errorType"), text("errorMessage"))
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
