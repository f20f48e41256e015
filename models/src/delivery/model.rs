//! The model of delivery and its bounds.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::mechanism::Mechanism;
use crate::mechanisms::Mechanisms;

/// The bounds of the model.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
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

/// The model.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its bounds.
    pub bounds: Bounds,
    /// The active mechanisms.
    pub active: Mechanisms<Mechanism>,
    /// Parts of the code that the exploration covered: a bit each.
    pub covered: Arc<AtomicU32>,
}

impl Delivery {
    /// A model with these bounds and mechanisms.
    pub fn new(bounds: Bounds, active: Mechanisms<Mechanism>) -> Self {
        Self { bounds, active, covered: Arc::default() }
    }
}
