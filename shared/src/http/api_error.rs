//! Error responses: a code with its HTTP status, and the envelope around them.
//!
//! Internal causes are logged here and never sent to clients.

use std::fmt::Display;
use std::time::Duration;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error_code::ErrorCode;
use crate::ids::RequestId;

/// An error response.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The contract's code.
    pub code: ErrorCode,
    /// A sentence that says what is wrong and how to fix it.
    pub message: String,
    /// The field that the error is about.
    pub field: Option<String>,
    /// A word for why, where the code has several reasons.
    pub reason: Option<&'static str>,
    /// WhatsApp's own error code, where WhatsApp was asked at once and refused.
    pub provider_code: Option<i64>,
    /// Seconds after which the client may retry.
    pub retry_after: Option<u32>,
}

/// An error with the standard message of its code.
impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.meaning())
    }
}

impl ApiError {
    /// An error with a code and a sentence that says what is wrong and how to fix it.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, reason: None, provider_code: None, retry_after: None }
    }

    /// An error about a field.
    pub fn field(code: ErrorCode, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(code, message) }
    }

    /// `invalid_request` about a field. `message` is a whole sentence that names the field and the fix.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::field(ErrorCode::InvalidRequest, field, message)
    }

    /// An internal error after which it is not known whether the request was processed. The cause is logged, not sent.
    pub fn internal(cause: impl Display) -> Self {
        tracing::error!(%cause, "request.failed");
        ErrorCode::InternalError.into()
    }

    /// Nothing was processed; the client may retry in `retry_after` seconds. The cause is logged, not sent.
    pub fn unavailable(cause: impl Display, retry_after: u32) -> Self {
        tracing::error!(%cause, "request.unavailable");
        Self { retry_after: Some(retry_after), ..ErrorCode::ServiceUnavailable.into() }
    }

    /// The same error with the time after which the client may retry; whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
        Self { retry_after: Some(seconds), ..self }
    }

    /// The HTTP response.
    pub fn into_response(self, request: &RequestId) -> Response<Body> {
        let envelope = Envelope {
            success: false,
            error: Details {
                code: self.code.into(),
                message: &self.message,
                request_id: request,
                field: self.field.as_deref(),
                reason: self.reason,
                provider_code: self.provider_code,
                retry_after: self.retry_after,
            },
        };
        let mut response = respond(self.code.status(), &envelope, request);
        response.extensions_mut().insert(self.code); // for the log
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
/// The body of every error response.
pub struct Envelope<'a> {
    /// Always false.
    success: bool,
    /// What is wrong.
    error: Details<'a>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErrorDetails)]
/// The error.
pub struct Details<'a> {
    /// Which error it is: for programs.
    #[schema(value_type = ErrorCode)]
    code: &'static str,
    /// What is wrong and how to mend it, as a sentence: for people.
    message: &'a str,
    /// The id of the request, which the header `X-Request-Id` and the logs have as well.
    request_id: &'a RequestId,
    /// The field, parameter or header that the error is about, as a path such as `template.components[0]`.
    field: Option<&'a str>,
    /// Why, where the code has several reasons: of `instance_paused`, a value of the instance's `pauseReason`.
    reason: Option<&'a str>,
    /// WhatsApp's own error code, if WhatsApp refused the request.
    provider_code: Option<i64>,
    /// Seconds after which the request may be repeated. The header `Retry-After` says the same.
    retry_after: Option<u32>,
}

/// A response with a JSON body and the request's id.
pub fn respond(status: StatusCode, body: &impl Serialize, request: &RequestId) -> Response<Body> {
    let body = serde_json::to_string(body).expect("our own responses serialize");
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(request.as_str()) {
        headers.insert("x-request-id", id);
    }
    response
}
