//! The mechanisms that keep an erased message erased and its credit exact: each can be removed from the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// An erasure leaves a tombstone, which `settle` knows by its nonce.
    Tombstone,
    /// Only a message that will not be sent any more is erased.
    OnlyFinal,
    /// Each attempt reads whether its message was erased.
    AttemptReads,
    /// An erasure makes the attempts at existing webhooks look.
    MarksWebhooks,
    /// Attempts at a new webhook look.
    NewWebhookLooks,
    /// The logs are redacted again when attempts in progress have ended.
    RedactedAgain,
}

impl mechanisms::Mechanism for Mechanism {
    fn index(self) -> u32 {
        self as u32
    }
}

impl Mechanism {
    /// Where the code has it.
    pub const fn code(self) -> Code {
        match self {
            Self::Tombstone => Code::Mutation("erasure-leaves-tombstone"),
            Self::OnlyFinal => Code::Mutation("erasure-of-final-messages-only"),
            Self::AttemptReads => Code::Mutation("attempt-reads-erasure"),
            Self::MarksWebhooks => Code::Mutation("erasure-marks-webhooks"),
            Self::NewWebhookLooks => Code::Mutation("new-webhook-checks-erasure"),
            Self::RedactedAgain => Code::Mutation("logs-redacted-again"),
        }
    }
}
