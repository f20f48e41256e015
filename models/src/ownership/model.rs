//! The model of ownership: its bounds, its actions, and a transition in progress.

use crate::protocol;

/// A request, or what `deliver` does after WhatsApp has refused a token.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Request {
    /// Connects an instance to a number.
    Connect(u8, u8),
    /// Disconnects an instance for its customer.
    Disconnect(u8),
    /// Deletes an instance.
    Delete(u8),
    /// Disconnects an instance whose token is no longer valid.
    TokenDies(u8),
}

/// The protocol of ownership, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Ownership {
    /// The requests: each is made once, at any time.
    pub requests: &'static [Request],
    /// Inbound messages to the first number.
    pub inbound: u8,
    /// Whether the first instance's record names the first number although that is the second one's, as versions without
    /// these mechanisms could leave it. Otherwise the number is the first one's.
    pub inherited: bool,
}

/// The protocol with some of its mechanisms.
pub type Model = protocol::Model<Ownership>;
/// A transition in progress.
pub type Transition = protocol::Transition<Ownership>;

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// A request takes its next step.
    Request(u8),
    /// `receive` takes its next step with the callback, which WhatsApp repeats until it is acknowledged.
    Receive,
}
