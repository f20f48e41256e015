//! The codes of our API's errors with their HTTP statuses and meanings (contract). WhatsApp's codes are in
//! [`whatsapp::error_codes`](crate::whatsapp::error_codes).

use lambda_http::http::StatusCode;
use strum::{EnumMessage, IntoStaticStr, VariantArray};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::schema::one_of_words;

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
