//! The claim: which process may attempt a message now.

use std::time::Duration;

use super::writes::{Transitions, set_silent_state};
use crate::aws::{ConditionalWrite, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::ids::{MessageId, RequestId};
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
    /// There is no record.
    Absent,
}

impl Transitions {
    /// Claims a queued message for `lease` from now, to leave from the number `number_id`.
    pub async fn claim(&self, id: &MessageId, number_id: &str, lease: Duration) -> Result<Claim, TableError> {
        let claim = RequestId::generate().to_string();
        let claimed = set_silent_state(UpdateBuilder::new(), State::Sending)
            .add("attempt", 1)
            .set("claim", &claim)
            .set("lease", clock::now().plus(lease))
            .set("numberId", number_id)
            .when_equal("rank", State::Queued.rank());
        Ok(match self.messages.update(id, claimed).await? {
            ConditionalWrite::Applied(message) => Claim::Claimed(message),
            // Our own claim: the SDK's first attempt was applied and its response was lost.
            ConditionalWrite::Refused(Some(message)) if message.claim.as_ref() == Some(&claim) => {
                Claim::Claimed(message)
            }
            ConditionalWrite::Refused(existing) => Claim::Refused(ClaimConflict::from_record(existing)),
        })
    }
}

impl ClaimConflict {
    /// What a record that refused a write means for its delivery.
    pub fn from_record(record: Option<Box<Message>>) -> Self {
        let Some(message) = record else {
            return Self::Absent;
        };
        match (message.status, message.lease) {
            (State::Sending, Some(lease)) if clock::now() < lease => Self::Leased(lease),
            (State::Sending, _) => Self::LeaseExpired(message),
            (State::Unknown | State::Held, _) => Self::Unknown(message),
            _ => Self::Finished,
        }
    }
}
