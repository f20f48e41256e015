//! Why nothing can be sent from a number for a while, by our own words.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use utoipa::ToSchema;

/// A condition of the number or of its business account: every message meets it alike, so none is attempted meanwhile.
#[derive(Clone, Copy, Debug, Deserialize, Eq, IntoStaticStr, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PauseReason {
    /// WhatsApp's policies, or too many of its messages were reported as spam.
    Policy,
    /// The business account has no valid payment method, or has not accepted the terms of payments.
    PaymentRequired,
    /// WhatsApp has locked the business account, or restricts what it may send.
    AccountRestricted,
    /// WhatsApp has disabled the business account.
    AccountDisabled,
}

impl PauseReason {
    /// Its name in the contract.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What happened and what helps, as a sentence.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Policy => "WhatsApp's policies stop it for a while.",
            Self::PaymentRequired => "Its business account needs a valid payment method, and accepted terms, at Meta.",
            Self::AccountRestricted => "WhatsApp restricts its business account: see Meta's Business Support.",
            Self::AccountDisabled => "WhatsApp has disabled its business account: see Meta's Business Support.",
        }
    }
}
