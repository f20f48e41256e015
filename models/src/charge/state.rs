//! A state of the model: the ledger, the records, the queue and the requests.

use crate::response::Response;

/// The most requests.
pub const REQUESTS: usize = 3;

/// The status of a message, as far as sending matters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Status {
    /// Queued and never attempted.
    Queued,
    /// Queued again after an attempt.
    Tried,
    /// WhatsApp accepted it.
    Sent,
    /// It failed and was refunded.
    Failed,
}

/// A record. A request's nonce is its number.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    /// The request that inserted it.
    pub nonce: u8,
    /// Its status.
    pub status: Status,
}

/// The outcome of an insert.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Inserted {
    /// The record is the request's own.
    Own,
    /// Another request with its key was faster.
    Other,
    /// It was not answered.
    Unanswered,
}

/// The next step of a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    /// The client has not sent it yet.
    NotSent,
    /// It reads the record of its key.
    Find,
    /// It charges.
    Charge,
    /// It inserts the record and enqueues the message at the same time.
    Accept {
        /// The outcome of the insert, once it is known.
        inserted: Option<Inserted>,
        /// Whether the enqueue was answered, once that is known.
        enqueued: Option<bool>,
    },
    /// It withdraws the record, because its insert or its enqueue was not answered.
    Withdraw,
    /// It refunds the charge.
    Refund {
        /// Because another request with its key was faster: that one's record decides about the response.
        replay: bool,
    },
    /// It repeats the response of the request whose record it found.
    Replay {
        /// The record that it found.
        found: Record,
    },
    /// It enqueues the message that it found again.
    EnqueueAgain,
    /// It has responded.
    Responded(Response),
    /// It crashed, or Lambda ended it.
    Dead,
}

/// A request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Request {
    /// Its next step.
    pub step: Step,
    /// Whether it has reached its timeout: its process has ended, and what it inserted is no longer young.
    pub old: bool,
    /// The requests that were old when it began: a bit each.
    pub began_after: u8,
    /// Whether its process will remove its reservation with a later charge.
    pub completed: bool,
}

/// The next step of `settle`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the outcomes of a reservation in settle's reservations.rs, each for a nonce")]
pub enum Settler {
    Idle,
    Refund(u8),
    EnqueueAgain(u8),
    Release(u8),
}

/// A state of the model.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The ledger's credits.
    pub credits: i8,
    /// The ledger's reservations, by nonce: a bit each.
    pub reserved: u8,
    /// The records, by message.
    pub records: [Option<Record>; 2],
    /// The queue, by message: a bit for each nonce, and one for what was enqueued again.
    pub queue: [u8; 2],
    /// What the queue's deduplication remembers, by message: bits as in the queue.
    pub remembered: [u8; 2],
    /// How often each message was posted to WhatsApp.
    pub posted: [u8; 2],
    /// Messages for which a client got 202: a bit each.
    pub accepted: u8,
    /// Requests whose message was sent: a bit each.
    pub sent_by: u8,
    /// The requests.
    pub requests: [Request; REQUESTS],
    /// `settle`.
    pub settler: Settler,
    /// Messages of which `settle` will look in a minute whether they are queued: a bit each.
    pub moved_back: u8,
    /// Whether a message was sent by what another request had enqueued.
    pub sent_for_another: bool,
    /// Whether a request was refused although its repeated charge was answered and applied.
    pub charged_and_refused: bool,
    /// Crashes, and calls without a response, so far.
    pub faults: u8,
}

impl State {
    /// An account with some credits and no requests.
    pub const fn start(credits: i8) -> Self {
        let request = Request { step: Step::NotSent, old: false, began_after: 0, completed: false };
        Self {
            credits,
            reserved: 0,
            records: [None; 2],
            queue: [0; 2],
            remembered: [0; 2],
            posted: [0; 2],
            accepted: 0,
            sent_by: 0,
            requests: [request; REQUESTS],
            settler: Settler::Idle,
            moved_back: 0,
            sent_for_another: false,
            charged_and_refused: false,
            faults: 0,
        }
    }

    /// Messages that are charged for: recorded and not failed.
    pub fn live(&self) -> usize {
        self.records.iter().flatten().filter(|record| record.status != Status::Failed).count()
    }
}
