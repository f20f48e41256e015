//! A state of the world: records, queues, processes, and what WhatsApp did.

use super::process::{Entry, Receiver, Settler, Worker};
use super::record::{Ledger, Record, Status};

/// A state of the world.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The records of one conversation, in its order.
    pub records: [Record; 2],
    /// WhatsApp's side of them.
    pub ledgers: [Ledger; 2],
    /// The delivery queue, one group.
    pub entries: [Entry; 2],
    /// Settle's queue: a bit for each attempt.
    pub unsettled: [u8; 2],
    /// Processes of deliver.
    pub workers: [Worker; 2],
    /// Processes of receive.
    pub receivers: [Receiver; 2],
    /// The process of settle.
    pub settler: Settler,
    /// The meter, against the start.
    pub credits: i8,
    /// Refunds that still have to reach the meter: only without the transaction.
    pub pending: u8,
    /// Crashes, freezes and dead letters so far.
    pub faults: u8,
    /// Promises that a step broke: a bit for each flaw.
    pub flaws: u8,
}

/// What a single step can do wrong.
#[derive(Clone, Copy, Debug)]
pub enum Flaw {
    /// It posted after an attempt that WhatsApp may have taken.
    PostedAgain,
    /// It brought a status down.
    WentBack,
    /// It set a time a second time.
    Retold,
    /// It acknowledged what it did not store.
    Forgot,
    /// It overtook.
    Overtook,
}

impl State {
    /// Accepted messages, each in the queue; what is not in use is over.
    pub fn start(messages: u8) -> Self {
        let record = |message| Record {
            status: if message < messages { Status::Queued } else { Status::Read },
            attempt: 0,
            claim: None,
            lease_ended: false,
            refunded: false,
            times: 0,
            corrected: false,
        };
        let entry = |message| if message < messages { Entry::Visible } else { Entry::Deleted };
        Self {
            records: [0, 1].map(record),
            ledgers: [Ledger::default(); 2],
            entries: [0, 1].map(entry),
            unsettled: [0; 2],
            workers: [Worker::IDLE; 2],
            receivers: [Receiver::Idle; 2],
            settler: Settler::Idle,
            credits: 0,
            pending: 0,
            faults: 0,
            flaws: 0,
        }
    }

    /// Notes that a promise was broken.
    pub fn flaw(&mut self, flaw: Flaw) {
        self.flaws |= 1 << flaw as u8;
    }

    /// Whether a promise was broken so.
    pub const fn has(&self, flaw: Flaw) -> bool {
        self.flaws & 1 << flaw as u8 != 0
    }
}
