//! The model of erasure: its bounds, its actions, and a transition in progress.

use crate::protocol;

/// The protocol of erasure, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Erasing {
    /// Whether the message is an inbound one, whose callback WhatsApp repeats; otherwise one of the customer's.
    pub inbound: bool,
    /// Whether the webhook exists from the start.
    pub webhook: bool,
}

/// The protocol with some of its mechanisms.
pub type Model = protocol::Model<Erasing>;
/// A transition in progress.
pub type Transition = protocol::Transition<Erasing>;

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// The request takes its next step.
    Send,
    /// The request breaks off.
    Crash,
    /// `deliver` claims the message.
    Claim,
    /// WhatsApp has accepted or refused the message, and `deliver` records that.
    Result(bool),
    /// `settle` takes its next step with the reservation.
    Settle,
    /// `receive` handles a callback.
    Callback,
    /// An erasure takes its next step.
    Erase(u8),
    /// The webhook is created.
    CreateWebhook,
    /// The event comes from the stream or the queue, and its attempt begins.
    Begin,
    /// The attempt looks whether the message was erased, and posts otherwise.
    Post,
    /// The endpoint accepts the event, or does not.
    Respond(bool),
    /// The logs are redacted, for the first or the second time.
    Redact,
}
