//! The states of a message. A state's rank only rises, whatever the order of WhatsApp's callbacks (promise 5).

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::words;

/// The values of `status` (contract), in the order of a message's life.
pub const STATUSES: [&str; 6] = [SCHEDULED, "queued", "sent", "delivered", "read", "failed"];
/// The `status` of a message until its `sendAt`.
pub const SCHEDULED: &str = "scheduled";

words! {
    /// How far a message has come.
    MessageStatus = STATUSES;
    /// The status of what was accepted.
    AcceptedStatus = ["queued", SCHEDULED];
}

/// The state in a message's record. Customers see fewer: [`State::public_status`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Accepted; not attempted yet, or between two attempts.
    Queued,
    /// Claimed by a deliver process for as long as its lease.
    Sending,
    /// Attempted, and WhatsApp may have accepted it. Never posted again.
    Unknown,
    /// WhatsApp holds it for a quality assessment: not sent yet.
    Held,
    /// Failed as `unknown_outcome`: no callback came. The only failure that a later callback of WhatsApp's corrects.
    Unconfirmed,
    /// WhatsApp accepted it.
    Sent,
    /// It will not be delivered.
    Failed,
    /// It was delivered to the phone.
    Delivered,
    /// The recipient opened it.
    Read,
}

impl State {
    /// Rank of the state: a higher one is never overwritten by a lower one. `Delivered` ranks above `Failed`: WhatsApp may
    /// report both, and then the phone has the message.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Unknown | Self::Held => 2,
            Self::Unconfirmed => 3,
            Self::Sent => 4,
            Self::Failed => 5,
            Self::Delivered => 6,
            Self::Read => 7,
        }
    }

    /// Whether it may still be sent, or WhatsApp may still report that it was.
    pub const fn may_be_sent(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Unknown | Self::Held)
    }

    /// Whether customers see it as failed.
    pub const fn is_failed(self) -> bool {
        matches!(self, Self::Unconfirmed | Self::Failed)
    }

    /// The contract's `status`.
    pub const fn public_status(self) -> &'static str {
        match self {
            Self::Queued | Self::Sending | Self::Unknown | Self::Held => "queued",
            Self::Unconfirmed | Self::Failed => "failed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// What is published of a message, each once, by the attribute that holds its time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, IntoStaticStr, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[strum(prefix = "message.", serialize_all = "camelCase")]
pub enum MessageEvent {
    /// WhatsApp accepted it.
    Sent,
    /// It was delivered to the phone.
    Delivered,
    /// The recipient opened it.
    Read,
    /// It will not be sent or delivered.
    Failed,
    /// It was received.
    Received,
}

impl MessageEvent {
    /// All of them, in the order of a message's life.
    pub const ALL: [Self; 5] = [Self::Sent, Self::Delivered, Self::Read, Self::Failed, Self::Received];

    /// What comes after it.
    pub const fn followed_by(self) -> &'static [Self] {
        match self {
            Self::Sent => &[Self::Delivered, Self::Read, Self::Failed],
            Self::Delivered => &[Self::Read],
            Self::Read | Self::Failed | Self::Received => &[],
        }
    }

    /// What comes before it.
    pub const fn preceded_by(self) -> &'static [Self] {
        match self {
            Self::Sent | Self::Received => &[],
            Self::Delivered | Self::Failed => &[Self::Sent],
            Self::Read => &[Self::Sent, Self::Delivered],
        }
    }

    /// The record's attribute that is set once, when it happens.
    pub const fn time_attribute(self) -> &'static str {
        match self {
            Self::Sent => "sentAt",
            Self::Delivered => "deliveredAt",
            Self::Read => "readAt",
            Self::Failed => "failedAt",
            Self::Received => "receivedAt",
        }
    }

    /// The state that it advances a message to.
    pub const fn state(self) -> State {
        match self {
            Self::Sent => State::Sent,
            Self::Delivered | Self::Received => State::Delivered,
            Self::Read => State::Read,
            Self::Failed => State::Failed,
        }
    }

    /// The contract's name of the event.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
