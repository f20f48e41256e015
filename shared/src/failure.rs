//! Why a message failed, in the contract's codes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a message failed, as customers are told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The contract's code.
    pub code: FailureCode,
    /// In words; WhatsApp's own where it gave any.
    pub message: String,
    /// WhatsApp's code, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<i64>,
}

/// The contract's codes for a message that failed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// Not sent within `expiresIn`.
    Expired,
    /// Cancelled by the customer.
    Canceled,
    /// Tried, and WhatsApp never said what became of it.
    UnknownOutcome,
    /// The number is no longer connected.
    InstanceDisconnected,
    /// WhatsApp does not take this kind of file.
    UnsupportedMediaType,
    /// The file is larger than WhatsApp takes.
    MediaTooLarge,
    /// No such number.
    InvalidPhoneNumber,
    /// The number can't be reached on WhatsApp.
    RecipientUnreachable,
    /// Free text more than 24 hours after the recipient's last message.
    OutsideWindow,
    /// The template is unknown, paused or does not fit its parameters.
    TemplateRejected,
    /// WhatsApp's policies, limits on spam, or the recipient's choice.
    BlockedByPolicy,
    /// Anything else that WhatsApp says.
    ProviderError,
}
