//! A state of the model: records, queues, processes, and what WhatsApp did.

use super::process::{Entry, Receiver, Settler, Worker};
use super::record::{Record, Status, WhatsAppRecord};

/// A state of the model.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The records of one conversation, in its order.
    pub records: [Record; 2],
    /// WhatsApp's knowledge of the messages.
    pub whatsapp: [WhatsAppRecord; 2],
    /// The delivery queue: one message group.
    pub entries: [Entry; 2],
    /// The queue of attempts of unknown outcome: a bit for each attempt.
    pub unknown_outcomes: [u8; 2],
    /// Processes of `deliver`.
    pub workers: [Worker; 2],
    /// Processes of `receive`.
    pub receivers: [Receiver; 2],
    /// The process of `settle`.
    pub settler: Settler,
    /// The ledger's credits, relative to the start.
    pub credits: i8,
    /// Refunds that are not in the ledger yet: only without the transaction.
    pub pending: u8,
    /// Crashes, freezes and dead letters so far.
    pub faults: u8,
    /// The violations that have happened: a bit each.
    pub violations: u8,
}

/// A promise that a single step can break.
#[derive(Clone, Copy, Debug)]
pub enum Violation {
    /// A POST followed an attempt that WhatsApp may have accepted.
    PostedTwice,
    /// A status moved back.
    MovedBack,
    /// A time was set a second time.
    TimeSetTwice,
    /// A callback or response was acknowledged and not stored.
    NotStored,
    /// A message was posted out of order.
    OutOfOrder,
}

impl State {
    /// Accepted messages, each in the queue; a message beyond `messages` is final from the start.
    pub fn start(messages: u8) -> Self {
        let record = |message| Record {
            status: if message < messages { Status::Queued } else { Status::Read },
            attempt: 0,
            claim: None,
            lease_ended: false,
            refunded: false,
            times: 0,
            recovered: false,
        };
        let entry = |message| if message < messages { Entry::Visible } else { Entry::Deleted };
        Self {
            records: [0, 1].map(record),
            whatsapp: [WhatsAppRecord::default(); 2],
            entries: [0, 1].map(entry),
            unknown_outcomes: [0; 2],
            workers: [Worker::IDLE; 2],
            receivers: [Receiver::Idle; 2],
            settler: Settler::Idle,
            credits: 0,
            pending: 0,
            faults: 0,
            violations: 0,
        }
    }

    /// Records a violation.
    pub fn violate(&mut self, violation: Violation) {
        self.violations |= 1 << violation as u8;
    }

    /// Whether a violation has happened.
    pub const fn has(&self, violation: Violation) -> bool {
        self.violations & 1 << violation as u8 != 0
    }
}
