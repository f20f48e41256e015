//! The API's answers: the contract's error codes with their HTTP statuses, and the envelope around both.
//!
//! What went wrong inside is logged here and never told.

use std::fmt::Display;
use std::time::Duration;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::RequestId;
use crate::rate_limit::Allowance;

/// An answer that is not what the client hoped for.
#[derive(Debug)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    field: Option<String>,
    retry_after: Option<u32>,
}

/// The contract's codes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the contract's table says what each means")]
pub enum ErrorCode {
    InvalidRequest,
    InvalidPhoneNumber,
    InvalidWebhookUrl,
    UnsupportedMediaType,
    MissingApiKey,
    InvalidApiKey,
    ExpiredApiKey,
    InsufficientPermissions,
    InvalidInstance,
    InstanceNotFound,
    MessageNotFound,
    WebhookNotFound,
    ReplayNotFound,
    WebhookDisabled,
    AccountNotFound,
    KeyNotFound,
    RouteNotFound,
    MethodNotAllowed,
    InstanceDisconnected,
    AlreadyConnected,
    InstanceNotConnected,
    IdempotencyInProgress,
    NotCancelable,
    InsufficientCredits,
    IdempotencyKeyReused,
    RateLimitExceeded,
    MediaTooLarge,
    PayloadTooLarge,
    InternalError,
    ServiceUnavailable,
}

impl ErrorCode {
    /// The code and its HTTP status, as the contract's table has them.
    pub const fn word_and_status(self) -> (&'static str, StatusCode) {
        match self {
            Self::InvalidRequest => ("invalid_request", StatusCode::BAD_REQUEST),
            Self::InvalidPhoneNumber => ("invalid_phone_number", StatusCode::BAD_REQUEST),
            Self::InvalidWebhookUrl => ("invalid_webhook_url", StatusCode::BAD_REQUEST),
            Self::UnsupportedMediaType => ("unsupported_media_type", StatusCode::BAD_REQUEST),
            Self::MissingApiKey => ("missing_api_key", StatusCode::UNAUTHORIZED),
            Self::InvalidApiKey => ("invalid_api_key", StatusCode::UNAUTHORIZED),
            Self::ExpiredApiKey => ("expired_api_key", StatusCode::UNAUTHORIZED),
            Self::InsufficientPermissions => ("insufficient_permissions", StatusCode::FORBIDDEN),
            Self::InvalidInstance => ("invalid_instance", StatusCode::NOT_FOUND),
            Self::InstanceNotFound => ("instance_not_found", StatusCode::NOT_FOUND),
            Self::MessageNotFound => ("message_not_found", StatusCode::NOT_FOUND),
            Self::WebhookNotFound => ("webhook_not_found", StatusCode::NOT_FOUND),
            Self::ReplayNotFound => ("replay_not_found", StatusCode::NOT_FOUND),
            Self::WebhookDisabled => ("webhook_disabled", StatusCode::CONFLICT),
            Self::AccountNotFound => ("account_not_found", StatusCode::NOT_FOUND),
            Self::KeyNotFound => ("key_not_found", StatusCode::NOT_FOUND),
            Self::RouteNotFound => ("route_not_found", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::InstanceDisconnected => ("instance_disconnected", StatusCode::CONFLICT),
            Self::AlreadyConnected => ("already_connected", StatusCode::CONFLICT),
            Self::InstanceNotConnected => ("instance_not_connected", StatusCode::CONFLICT),
            Self::IdempotencyInProgress => ("idempotency_in_progress", StatusCode::CONFLICT),
            Self::NotCancelable => ("not_cancelable", StatusCode::CONFLICT),
            Self::InsufficientCredits => ("insufficient_credits", StatusCode::PAYMENT_REQUIRED),
            Self::IdempotencyKeyReused => ("idempotency_key_reused", StatusCode::UNPROCESSABLE_ENTITY),
            Self::RateLimitExceeded => ("rate_limit_exceeded", StatusCode::TOO_MANY_REQUESTS),
            Self::MediaTooLarge => ("media_too_large", StatusCode::BAD_REQUEST),
            Self::PayloadTooLarge => ("payload_too_large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::InternalError => ("internal_error", StatusCode::INTERNAL_SERVER_ERROR),
            Self::ServiceUnavailable => ("service_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

impl ErrorCode {
    /// What it says in a few words, for the OpenAPI document.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InvalidRequest => "is missing, or not what it should be; `field` names it",
            Self::InvalidPhoneNumber => "must be digits only, in international format, such as 5511999999999",
            Self::InvalidWebhookUrl => "must be a public https URL",
            Self::UnsupportedMediaType => "WhatsApp does not take this kind of file",
            Self::MediaTooLarge => "the file is larger than WhatsApp takes",
            Self::MissingApiKey => "send `Authorization: Bearer <api key>`",
            Self::InvalidApiKey => "there is no such API key",
            Self::ExpiredApiKey => "this API key has expired; ask for a new one",
            Self::InsufficientPermissions => "this API key lacks the scope",
            Self::InvalidInstance | Self::InstanceNotFound => "there is no such instance in this account",
            Self::MessageNotFound => "there is no such message in this account",
            Self::WebhookNotFound => "there is no such webhook in this account",
            Self::ReplayNotFound => "there is no such replay of this webhook",
            Self::WebhookDisabled => "this webhook is disabled; switch it on first",
            Self::AccountNotFound => "there is no such account",
            Self::KeyNotFound => "there is no such key in this account",
            Self::RouteNotFound => "there is nothing at this path",
            Self::MethodNotAllowed => "this path takes other methods",
            Self::InstanceDisconnected => "this instance is not connected to WhatsApp; connect it first",
            Self::AlreadyConnected => "this instance, or the number, is connected already",
            Self::InstanceNotConnected => "this instance is not connected to WhatsApp",
            Self::IdempotencyInProgress => "the first request with this Idempotency-Key is still under way",
            Self::NotCancelable => "only a queued message can be cancelled",
            Self::InsufficientCredits => "the account has no credits left; ask your operator for more",
            Self::IdempotencyKeyReused => "this Idempotency-Key was used for another request; use a new one",
            Self::RateLimitExceeded => "more than the plan allows",
            Self::PayloadTooLarge => "the body is larger than 256 KB",
            Self::InternalError => "something went wrong on our side; the request may or may not have worked",
            Self::ServiceUnavailable => "the service is not available for a moment; nothing was done, try again",
        }
    }
}

impl ApiError {
    /// An answer with a code and, in words, what was wrong and what is right.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after: None }
    }

    /// An answer that names the field at fault.
    pub fn field(code: ErrorCode, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(code, message) }
    }

    /// `invalid_request` for one field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::field(ErrorCode::InvalidRequest, field, message)
    }

    /// Something of ours failed and what became of the request is not known. The cause is logged, not told.
    pub fn internal(cause: impl Display) -> Self {
        tracing::error!(%cause, "request.failed");
        Self::new(ErrorCode::InternalError, "something went wrong on our side; the request may or may not have worked")
    }

    /// Nothing was done; try again in so many seconds. The cause is logged, not told.
    pub fn unavailable(cause: impl Display, retry_after: u32) -> Self {
        tracing::error!(%cause, "request.unavailable");
        let message = "the service is not available for a moment; nothing was done, try again";
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::ServiceUnavailable, message) }
    }

    /// The same answer, with a time after which it is worth another try; whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
        Self { retry_after: Some(seconds), ..self }
    }

    /// The contract's code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The field at fault.
    pub fn at_field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What was wrong, in words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The answer on the wire.
    pub fn into_response(self, request: &RequestId) -> Response<Body> {
        let (code, status) = self.code.word_and_status();
        let envelope = Envelope {
            success: false,
            error: Details {
                code,
                message: &self.message,
                request_id: request,
                field: self.field.as_deref(),
                retry_after: self.retry_after,
            },
        };
        let mut response = respond(status, &envelope, request);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
/// The body of every answer that is an error.
pub struct Envelope<'a> {
    success: bool,
    error: Details<'a>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErrorDetails)]
/// What was wrong.
pub struct Details<'a> {
    code: &'static str,
    message: &'a str,
    request_id: &'a RequestId,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

/// An answer with a JSON body and the request's id.
pub fn respond(status: StatusCode, body: &impl Serialize, request: &RequestId) -> Response<Body> {
    let body = serde_json::to_string(body).expect("our own answers serialize");
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(request.as_str()) {
        headers.insert("x-request-id", id);
    }
    response
}

/// Adds what the caller's limit allows to an answer.
pub fn tell_allowance(response: &mut Response<Body>, allowance: Allowance) {
    let Allowance { limit, remaining, reset } = allowance;
    let headers = response.headers_mut();
    for (name, value) in
        [("x-ratelimit-limit", limit), ("x-ratelimit-remaining", remaining), ("x-ratelimit-reset", reset)]
    {
        headers.insert(name, HeaderValue::from(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_answers_in_the_contract_s_envelope() {
        let request: RequestId = "req_1".parse().expect("an id");
        let response = ApiError::invalid("to", "is missing").into_response(&request);
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["x-request-id"], "req_1");
        let Body::Text(body) = response.body() else { panic!("text") };
        assert_eq!(
            body,
            r#"{"success":false,"error":{"code":"invalid_request","message":"is missing","requestId":"req_1","field":"to"}}"#
        );
    }

    #[test]
    fn a_cause_is_never_told() {
        let request: RequestId = "req_1".parse().expect("an id");
        let response = ApiError::unavailable("table acc-7 is throttled", 2).into_response(&request);
        assert_eq!(response.headers()["retry-after"], "2");
        let Body::Text(body) = response.body() else { panic!("text") };
        assert!(!body.contains("acc-7") && body.contains(r#""retryAfter":2"#), "{body}");
    }
}
