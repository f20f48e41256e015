//! API Gateway's HTTP APIs and Lambda's function URLs: turn a request into an event, and the function's result into a
//! response. Nothing else invokes functions with HTTP requests.

mod payload;
mod routes;

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use routes::Routes;

use crate::lambda::InvocationError;

/// The largest request body in bytes (Amazon API Gateway quotas, HTTP API).
const MAX_REQUEST: usize = 10 * 1024 * 1024;
/// The largest event of a synchronous invocation in bytes (AWS Lambda quotas).
const MAX_EVENT: usize = 6 * 1024 * 1024;

/// Serves requests on these routes until it is aborted. `own` answers what no function does.
pub fn serve(listener: TcpListener, routes: Routes, own: Router) -> JoinHandle<()> {
    let router = Router::new().fallback(handle).with_state(Arc::new(routes)).merge(own);
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { drop(axum::serve(listener, service).await) })
}

async fn handle(
    State(routes): State<Arc<Routes>>,
    ConnectInfo(peer): ConnectInfo<std::net::SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(route) = routes.find(&parts.method, parts.uri.path()) else {
        return error_response(StatusCode::NOT_FOUND, "Not Found");
    };
    let Ok(body) = to_bytes(body, MAX_REQUEST).await else {
        return error_response(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = payload::event(&parts, &body, peer.ip(), &route);
    if event.len() > MAX_EVENT {
        return error_response(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    // A separate task: as on AWS, the function continues when the client disconnects.
    let invocation = async move {
        let result = route.function.invoke(event).await?;
        payload::response(&result).map_err(|error| InvocationError::Failed(error.to_string()))
    };
    match tokio::spawn(invocation).await {
        Ok(Ok(response)) => response,
        Ok(Err(InvocationError::TimedOut(_))) => error_response(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        _ => error_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    }
}

/// A response of the gateway itself, which does not have the form of our API's errors.
fn error_response(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "message": text }))).into_response()
}
