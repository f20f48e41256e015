//! The mechanisms that keep an erased message erased and its credit exact: each can be removed from the model.

use crate::code::{Code, in_code};

in_code! {
    /// A mechanism of the protocol.
    pub enum Mechanism {
        /// An erasure leaves a tombstone, which `settle` knows by its nonce.
        Tombstone => Code::Mutation("erasure-leaves-tombstone"),
        /// Only a message that will not be sent any more is erased.
        OnlyFinal => Code::Mutation("erasure-of-final-messages-only"),
        /// Each attempt reads whether its message was erased.
        AttemptReads => Code::Mutation("attempt-reads-erasure"),
        /// An erasure makes the attempts at existing webhooks look.
        MarksWebhooks => Code::Mutation("erasure-marks-webhooks"),
        /// Attempts at a new webhook look.
        NewWebhookLooks => Code::Mutation("new-webhook-checks-erasure"),
        /// Attempts look for a message that came in while an erasure was in progress. For one that came in later they do not.
        MarkCoversErasure => Code::Mutation("erasure-check-covers-its-time"),
        /// The logs are redacted again when attempts in progress have ended.
        RedactedAgain => Code::Mutation("logs-redacted-again"),
    }
}
