//! Error responses: the contract's codes with their HTTP statuses, and the envelope around them.
//!
//! Internal causes are logged here and never sent to clients.

use std::fmt::Display;
use std::time::Duration;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use strum::{EnumMessage, IntoStaticStr, VariantArray};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::schema::one_of_words;
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

/// The contract's codes, named there in snake case.
#[derive(Clone, Copy, Debug, EnumMessage, Eq, IntoStaticStr, PartialEq, VariantArray)]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "`meaning` says it")]
pub enum ErrorCode {
    #[strum(message = "A field is missing or invalid; `field` names it.")]
    InvalidRequest,
    #[strum(message = "The phone number must be digits only, in international format, such as 5511999999999.")]
    InvalidPhoneNumber,
    #[strum(message = "The webhook's URL must be a public https URL.")]
    InvalidWebhookUrl,
    #[strum(message = "WhatsApp does not accept this type of file.")]
    UnsupportedMediaType,
    #[strum(message = "The request has no API key: send `Authorization: Bearer <api key>`.")]
    MissingApiKey,
    #[strum(message = "This API key does not exist.")]
    InvalidApiKey,
    #[strum(message = "This API key has expired: ask your operator for a new one.")]
    ExpiredApiKey,
    #[strum(message = "This API key lacks the scope of the endpoint.")]
    InsufficientPermissions,
    #[strum(message = "This account has no such instance.")]
    InvalidInstance,
    #[strum(message = "This account has no such instance.")]
    InstanceNotFound,
    #[strum(message = "This account has no such message.")]
    MessageNotFound,
    #[strum(message = "This account has no such batch.")]
    BatchNotFound,
    #[strum(message = "This account has no such webhook.")]
    WebhookNotFound,
    #[strum(message = "This instance has no such conversation.")]
    ChatNotFound,
    #[strum(message = "This instance has no such file, or it is kept no longer.")]
    MediaNotFound,
    #[strum(message = "WhatsApp has this file no more: it keeps a file for 7 days.")]
    MediaExpired,
    #[strum(message = "WhatsApp has no such template for this instance.")]
    TemplateNotFound,
    #[strum(
        serialize = "template_not_found",
        message = "`template` names a template that WhatsApp does not send for this instance: it does not exist in the language, or is not approved."
    )]
    UnknownTemplate,
    #[strum(message = "The template needs other parameters; `field` names what does not fit.")]
    InvalidTemplateParameters,
    #[strum(
        message = "This account has no such listener, or it has ended, 60 seconds after its last poll: create another one."
    )]
    ListenerNotFound,
    #[strum(message = "This webhook has no such replay.")]
    ReplayNotFound,
    #[strum(message = "This webhook is disabled: activate it first.")]
    WebhookDisabled,
    #[strum(message = "A replay of this webhook is in progress: wait until it is done.")]
    ReplayInProgress,
    #[strum(message = "This account does not exist.")]
    AccountNotFound,
    #[strum(message = "This account is closed, or being closed.")]
    AccountClosed,
    #[strum(message = "This account has no such API key.")]
    KeyNotFound,
    #[strum(message = "No such callback is kept: it was read, or its time is over.")]
    CallbackNotFound,
    #[strum(message = "This path does not exist.")]
    RouteNotFound,
    #[strum(message = "This path does not support the method.")]
    MethodNotAllowed,
    #[strum(message = "This instance is not connected to WhatsApp: connect it first.")]
    InstanceDisconnected,
    #[strum(
        message = "WhatsApp has paused this instance: `reason` says why, and `retryAfter` when a message may be sent again."
    )]
    InstancePaused,
    #[strum(
        message = "The recipient has not written for 24 hours, and the instance's `settings.outsideWindow` is `refuse`: send a `template`."
    )]
    OutsideWindow,
    #[strum(message = "The recipient has opted out of marketing messages.")]
    RecipientOptedOut,
    #[strum(message = "This instance, or the number, is already connected.")]
    AlreadyConnected,
    #[strum(message = "This instance is not connected to WhatsApp.")]
    InstanceNotConnected,
    #[strum(message = "The first request with this `Idempotency-Key` is still in progress: try again later.")]
    IdempotencyInProgress,
    #[strum(message = "Only a queued message can be cancelled.")]
    NotCancelable,
    #[strum(message = "The bytes of the file have not arrived: put them to its `uploadUrl` first.")]
    MediaNotReady,
    #[strum(message = "This account already has as many as it may have: delete one first.")]
    LimitReached,
    #[strum(message = "This account has no credits left: ask your operator for more.")]
    InsufficientCredits,
    #[strum(
        message = "This `Idempotency-Key` was used with another body, compared byte by byte: look at what that made before you use a new key."
    )]
    IdempotencyKeyReused,
    #[strum(message = "More requests than the plan allows: try again after `retryAfter` seconds.")]
    RateLimitExceeded,
    #[strum(message = "WhatsApp refused the request: `providerCode` is its own error code.")]
    ProviderError,
    #[strum(message = "The file is larger than WhatsApp accepts.")]
    MediaTooLarge,
    #[strum(message = "The request body is larger than 256 KB, or 1 MB for a batch.")]
    PayloadTooLarge,
    #[strum(message = "An internal error occurred; the request may or may not have been processed.")]
    InternalError,
    #[strum(
        message = "The service is temporarily unavailable and nothing was processed: try again after `retryAfter` seconds."
    )]
    ServiceUnavailable,
}

impl ErrorCode {
    /// Its HTTP status, as the contract's table has it.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::InvalidPhoneNumber
            | Self::InvalidWebhookUrl
            | Self::UnsupportedMediaType
            | Self::UnknownTemplate
            | Self::InvalidTemplateParameters
            | Self::ProviderError
            | Self::MediaTooLarge => StatusCode::BAD_REQUEST,
            Self::MissingApiKey | Self::InvalidApiKey | Self::ExpiredApiKey => StatusCode::UNAUTHORIZED,
            Self::InsufficientPermissions => StatusCode::FORBIDDEN,
            Self::InvalidInstance
            | Self::InstanceNotFound
            | Self::MessageNotFound
            | Self::BatchNotFound
            | Self::WebhookNotFound
            | Self::ChatNotFound
            | Self::MediaNotFound
            | Self::TemplateNotFound
            | Self::ReplayNotFound
            | Self::ListenerNotFound
            | Self::AccountNotFound
            | Self::KeyNotFound
            | Self::CallbackNotFound
            | Self::RouteNotFound => StatusCode::NOT_FOUND,
            Self::WebhookDisabled
            | Self::ReplayInProgress
            | Self::InstanceDisconnected
            | Self::InstancePaused
            | Self::OutsideWindow
            | Self::RecipientOptedOut
            | Self::AlreadyConnected
            | Self::InstanceNotConnected
            | Self::IdempotencyInProgress
            | Self::NotCancelable
            | Self::MediaNotReady
            | Self::LimitReached
            | Self::AccountClosed => StatusCode::CONFLICT,
            Self::MediaExpired => StatusCode::GONE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::InsufficientCredits => StatusCode::PAYMENT_REQUIRED,
            Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the code means, as a sentence: the message of errors that have nothing to add, and of the OpenAPI document.
    pub fn meaning(self) -> &'static str {
        self.get_message().unwrap_or_default()
    }
}

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        let mut words: Vec<&str> = Self::VARIANTS.iter().map(Into::into).collect();
        words.sort_unstable();
        words.dedup();
        one_of_words("The code of an error: for programs. Others may be added.", words)
    }
}

impl ToSchema for ErrorCode {}

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
