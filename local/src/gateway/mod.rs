//! API Gateway's HTTP API and Lambda's function URLs on this machine: a request becomes an event, an answer a response.

mod payload;
mod routes;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Response, StatusCode, header};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use routes::Routes;

use crate::lambda::{Function, InvocationError};

/// The largest request that API Gateway takes, in bytes (Amazon API Gateway quotas, HTTP API).
const MAX_REQUEST: usize = 10 * 1024 * 1024;
/// The largest event that Lambda takes from a caller who waits, in bytes (AWS Lambda quotas).
const MAX_EVENT: usize = 6 * 1024 * 1024;

/// Serves requests on these routes until it is aborted.
pub fn serve(listener: TcpListener, routes: Routes) -> JoinHandle<()> {
    let router = Router::new().fallback(answer).with_state(Arc::new(routes));
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { drop(axum::serve(listener, service).await) })
}

async fn answer(
    State(routes): State<Arc<Routes>>,
    ConnectInfo(peer): ConnectInfo<std::net::SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Some(route) = routes.find(&parts.method, parts.uri.path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let Ok(body) = to_bytes(body, MAX_REQUEST).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = payload::event(&parts, &body, peer.ip(), &route);
    if event.len() > MAX_EVENT {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    // A task of its own: as on AWS, the function goes on when the client has hung up.
    match tokio::spawn(invoke(route.function, event)).await {
        Ok(Ok(response)) => response,
        Ok(Err(InvocationError::TimedOut(_))) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        _ => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    }
}

async fn invoke(function: Function, event: bytes::Bytes) -> Result<Response<Body>, InvocationError> {
    let answer = function.invoke(event).await?;
    payload::response(&answer).map_err(InvocationError::Failed)
}

/// The gateway's own answers, which are not in the contract's words.
fn message(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!(r#"{{"message":"{text}"}}"#)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
