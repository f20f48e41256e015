//! The claim: which process may attempt a message now.

use std::time::Duration;

use super::writes::{Transitions, set_silent_state};
use crate::aws::{ConditionalWrite, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::ids::RequestId;
use crate::message::queued_message::QueuedMessage;
use crate::message::record::Message;
use crate::message::state::State;

/// The result of a claim.
#[derive(Debug)]
pub enum Claim {
    /// The message is this process's until the lease ends.
    Claimed(Box<Message>),
    /// The message cannot be claimed.
    Refused(ClaimConflict),
}

/// Why a message cannot be claimed.
#[derive(Debug)]
pub enum ClaimConflict {
    /// Another process may be posting it until its lease ends.
    Leased(Timestamp),
    /// A lease ended without a result: WhatsApp may have accepted the message.
    LeaseExpired(Box<Message>),
    /// It was attempted and its outcome is unknown or not final.
    Unknown(Box<Message>),
    /// Nothing is left to do.
    Finished,
    /// The record is that of another request with the same Idempotency-Key, which may withdraw it: then this one's may come.
    OfAnother,
    /// There is no record.
    Absent,
}

impl Transitions {
    /// Claims a queued message for `lease` from now, to leave from the number `number_id`.
    pub async fn claim(&self, queued: &QueuedMessage, number_id: &str, lease: Duration) -> Result<Claim, TableError> {
        let claim = RequestId::generate().to_string();
        let claimed = set_silent_state(UpdateBuilder::new(), State::Sending)
            .add("attempt", 1)
            .set("claim", &claim)
            .set("lease", clock::now().plus(lease))
            .set("numberId", number_id)
            .when_equal("rank", State::Queued.rank());
        let claimed = Self::of_request(claimed, queued.nonce.as_deref());
        Ok(match self.messages.update(&queued.message_id, claimed).await? {
            ConditionalWrite::Applied(message) => Claim::Claimed(message),
            // Our own claim: the SDK's first attempt was applied and its response was lost.
            ConditionalWrite::Refused(Some(message)) if message.claim.as_ref() == Some(&claim) => {
                Claim::Claimed(message)
            }
            ConditionalWrite::Refused(existing) => Claim::Refused(ClaimConflict::from_record(queued, existing)),
        })
    }
}

impl ClaimConflict {
    /// What a record that refused a write means for the delivery of a message. That of another request has a message of its own in a queue.
    pub fn from_record(queued: &QueuedMessage, record: Option<Box<Message>>) -> Self {
        let Some(message) = record else {
            return Self::Absent;
        };
        if queued.nonce.as_ref().is_some_and(|nonce| *nonce != message.nonce) {
            let may_be_withdrawn = message.status == State::Queued && message.attempt == 0;
            return if may_be_withdrawn { Self::OfAnother } else { Self::Finished };
        }
        match (message.status, message.lease) {
            (State::Sending, Some(lease)) if clock::now() < lease => Self::Leased(lease),
            (State::Sending, _) => Self::LeaseExpired(message),
            (State::Unknown | State::Held, _) => Self::Unknown(message),
            _ => Self::Finished,
        }
    }
}
