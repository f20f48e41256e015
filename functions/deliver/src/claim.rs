//! The claim: which process may try a message now.

use std::time::Duration;

use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::conditional_write::TableError;
use shared::ids::{MessageId, RequestId};
use shared::message::Message;
use shared::message_table::{MessageTable, Written};
use shared::state::State;

/// What asking for a message gives.
#[derive(Debug)]
pub enum Claim {
    /// It is ours until the lease ends.
    Ours(Box<Message>),
    /// It is not, and this is how it stands.
    NotOurs(Standing),
}

/// How a message stands that can't be claimed.
#[derive(Debug)]
pub enum Standing {
    /// Somebody else may be posting it until then.
    Theirs(Timestamp),
    /// Somebody's lease ended without a result: WhatsApp may have it.
    Abandoned(Box<Message>),
    /// Tried before, outcome not known or not final.
    Unknown(Box<Message>),
    /// Nothing is left to do.
    Over,
    /// There is no such record.
    Absent,
}

/// Claims a queued message for `lease` from now, to leave from the number `number_id`.
pub async fn claim(
    messages: &MessageTable,
    id: &MessageId,
    number_id: &str,
    lease: Duration,
) -> Result<Claim, TableError> {
    let claim = RequestId::generate().to_string();
    let change = Change::new()
        .state(State::Sending)
        .add("attempt", 1)
        .set("claim", &claim)
        .set("lease", clock::now().plus(lease))
        .set("numberId", number_id)
        .remove("ev")
        .when_equal("rank", State::Queued.rank());
    Ok(match messages.change(id, change).await? {
        Written::Done(message) => Claim::Ours(message),
        // The SDK tried twice and the first, whose answer was lost, was applied.
        Written::Refused(Some(message)) if message.claim.as_ref() == Some(&claim) => Claim::Ours(message),
        Written::Refused(standing) => Claim::NotOurs(Standing::of(standing)),
    })
}

impl Standing {
    /// What a record says that did not let itself be changed.
    pub fn of(standing: Option<Box<Message>>) -> Self {
        let Some(message) = standing else {
            return Self::Absent;
        };
        match (message.status, message.lease) {
            (State::Sending, Some(lease)) if clock::now() < lease => Self::Theirs(lease),
            (State::Sending, _) => Self::Abandoned(message),
            (State::Unknown | State::Held, _) => Self::Unknown(message),
            _ => Self::Over,
        }
    }
}
