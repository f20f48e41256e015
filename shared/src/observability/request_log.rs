//! The id of an API request in the log: every answer shows its id, and a customer who reports it leads to these lines.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use tracing::Instrument;

use super::log_limit::LogLimit;
use crate::http::ErrorCode;
use crate::ids::{AccountId, RequestId};

/// Lines about refused requests, a minute and process: anybody can cause them.
static REFUSALS: LogLimit = LogLimit::new(60);

/// Answers a request, so that all lines that are logged meanwhile carry its id as `request`. A refusal is a line of its own, with the
/// account if its caller is known.
pub async fn answer<F: Future<Output = Response<Body>>>(id: &RequestId, answering: F) -> Response<Body> {
    let span = tracing::info_span!("request", request = %id);
    async {
        let response = Box::pin(answering).await; // boxed: the type would be too deep for the compiler
        if response.status().is_client_error() || response.status().is_server_error() {
            log_refusal(response.status(), response.extensions().get(), response.extensions().get());
        }
        response
    }
    .instrument(span)
    .await
}

fn log_refusal(status: StatusCode, code: Option<&ErrorCode>, account: Option<&AccountId>) {
    let (status, code) = (status.as_u16(), code.map_or("", |code| (*code).into()));
    let account_id = account.map(AccountId::as_str);
    match REFUSALS.admit() {
        Some(0) => tracing::info!(status, code, account_id, "request.refused"),
        Some(unlogged) => tracing::info!(status, code, account_id, unlogged, "request.refused"),
        None => {}
    }
}
