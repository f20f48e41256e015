//! The model of delivery and its bounds.

use crate::protocol;

/// The protocol of delivery, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Messages of the conversation, at most 2.
    pub messages: u8,
    /// Processes of `deliver`, at most 2.
    pub workers: u8,
    /// Processes of `receive`, at most 2.
    pub receivers: u8,
    /// Attempts at a message that are refused or not sent.
    pub attempts: u8,
    /// Crashes, freezes and dead letters.
    pub faults: u8,
    /// Whether responses to writes are lost and the SDK repeats them, and whether the customer cancels.
    pub repeats: bool,
    /// Whether messages become dead letters.
    pub dead_letters: bool,
}

/// The protocol with some of its mechanisms.
pub type Model = protocol::Model<Delivery>;
/// A transition in progress.
pub type Transition = protocol::Transition<Delivery>;
