//! Secrets Manager over HTTP, as far as the functions call it: `GetSecretValue` in the AWS JSON 1.1 protocol.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::secrets::Secrets;

/// The only operation.
const OPERATION: &str = "secretsmanager.GetSecretValue";

/// Serves the secrets until the task is aborted.
pub fn serve(secrets: Arc<Secrets>, listener: TcpListener) -> JoinHandle<()> {
    let router = Router::new().fallback(post(answer)).with_state(secrets);
    tokio::spawn(async move { drop(axum::serve(listener, router).await) })
}

async fn answer(State(secrets): State<Arc<Secrets>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header("x-amz-target") != OPERATION {
        return error(StatusCode::BAD_REQUEST, "UnknownOperationException");
    }
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let arn = request["SecretId"].as_str().unwrap_or_default();
    let agent = format!("{} {}", header("x-amz-user-agent"), header(USER_AGENT.as_str()));
    let caller = agent.split(' ').find_map(|part| part.strip_prefix("app/")).unwrap_or_default();
    if !secrets.note_read(caller, arn) {
        return error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceError");
    }
    match secrets.value(caller, arn) {
        Some(value) => {
            let created = value.changed_at as f64 / 1000.0;
            let answer = json!({ "ARN": arn, "SecretString": value.text, "CreatedDate": created });
            json_response(StatusCode::OK, &answer)
        }
        None => error(StatusCode::BAD_REQUEST, "ResourceNotFoundException"),
    }
}

fn error(status: StatusCode, kind: &str) -> Response {
    json_response(status, &json!({ "__type": kind, "message": "by the local stack" }))
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}
