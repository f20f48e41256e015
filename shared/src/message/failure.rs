//! Why a message failed, by the contract's codes.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use utoipa::ToSchema;

/// Why a message failed, as customers see it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The contract's code.
    pub code: FailureCode,
    /// A description; WhatsApp's own where it gave one.
    pub message: String,
    /// WhatsApp's code, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<i64>,
}

impl Failure {
    /// A failure without a code of WhatsApp's.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), provider_code: None }
    }

    /// Of what only a connected instance can send.
    pub fn disconnected() -> Self {
        Self::new(FailureCode::InstanceDisconnected, "The instance is not connected to WhatsApp.")
    }
}

/// The contract's codes for a message that failed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, IntoStaticStr, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FailureCode {
    /// Not sent within `expiresIn`.
    Expired,
    /// Cancelled by the customer.
    Canceled,
    /// Attempted, and WhatsApp never reported the outcome.
    UnknownOutcome,
    /// The number is no longer connected.
    InstanceDisconnected,
    /// WhatsApp does not accept this type of file.
    UnsupportedMediaType,
    /// The file is larger than WhatsApp accepts.
    MediaTooLarge,
    /// No such number.
    InvalidPhoneNumber,
    /// WhatsApp sends this message to a phone number only, not to a user id.
    PhoneNumberRequired,
    /// The number cannot be reached on WhatsApp.
    RecipientUnreachable,
    /// Free-form content more than 24 hours after the recipient's last message.
    OutsideWindow,
    /// The template is unknown, paused or does not match its parameters.
    TemplateRejected,
    /// WhatsApp's policies, or its limits on spam.
    BlockedByPolicy,
    /// The recipient has stopped marketing messages of this business.
    RecipientOptedOut,
    /// The business account has no valid payment method at WhatsApp.
    PaymentRequired,
    /// Any other error of WhatsApp's.
    ProviderError,
}

impl FailureCode {
    /// The code as text.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
