//! Where a message stands. A state's rank only rises, whatever order WhatsApp's callbacks come in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the record says. Customers see fewer: see [`State::shown`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Accepted, not tried or between two tries.
    Queued,
    /// Claimed by a deliver process for as long as its lease.
    Sending,
    /// Tried, and WhatsApp may have taken it. Never posted again.
    Unknown,
    /// WhatsApp holds it for a quality check: not sent yet.
    Held,
    /// Failed as `unknown_outcome`: no callback came. The one state that WhatsApp's word can still take back.
    Unconfirmed,
    /// WhatsApp has it.
    Sent,
    /// It will not reach the phone.
    Failed,
    /// The phone has it.
    Delivered,
    /// The recipient has opened it.
    Read,
}

impl State {
    /// A higher rank never gives way to a lower one. `Delivered` stands above `Failed`: WhatsApp may say both, and the
    /// phone has it.
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

    /// The contract's word for it.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Queued | Self::Sending | Self::Unknown | Self::Held => "queued",
            Self::Unconfirmed | Self::Failed => "failed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// What customers are told of, each once a message, by the attribute that holds its time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Transition {
    /// WhatsApp took it.
    Sent,
    /// It reached the phone.
    Delivered,
    /// The recipient opened it.
    Read,
    /// It will not be sent or delivered.
    Failed,
    /// It came in.
    Received,
}

impl Transition {
    /// All of them, in the order of a message's life.
    pub const ALL: [Self; 5] = [Self::Sent, Self::Delivered, Self::Read, Self::Failed, Self::Received];

    /// The record's attribute that is set once, when it happens.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Sent => "sentAt",
            Self::Delivered => "deliveredAt",
            Self::Read => "readAt",
            Self::Failed => "failedAt",
            Self::Received => "receivedAt",
        }
    }

    /// The state that it brings a message to.
    pub const fn state(self) -> State {
        match self {
            Self::Sent => State::Sent,
            Self::Delivered | Self::Received => State::Delivered,
            Self::Read => State::Read,
            Self::Failed => State::Failed,
        }
    }

    /// The event of the contract.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Sent => "message.sent",
            Self::Delivered => "message.delivered",
            Self::Read => "message.read",
            Self::Failed => "message.failed",
            Self::Received => "message.received",
        }
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.state().shown())
    }
}
