//! A state of the model: the ledger, batches with their messages, the requests, and `settle`.

use crate::response::Response;

/// The most requests.
pub const REQUESTS: usize = 3;
/// The most batches.
pub const BATCHES: usize = 2;
/// Recipients of a batch.
pub const ROWS: usize = 2;
/// A bit for each of them.
pub const ALL_ROWS: u8 = 0b11;

/// The status of a message, as far as money matters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Status {
    /// It waits in the table, or in the queue.
    Queued,
    /// WhatsApp accepted it.
    Sent,
    /// It failed, or was cancelled, and was refunded.
    Failed,
}

/// A message's record. A request's nonce is its number.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Row {
    /// The request that inserted it.
    pub nonce: u8,
    /// Its status.
    pub status: Status,
    /// Whether an erasure has left nothing but a tombstone of it.
    pub is_erased: bool,
}

/// A batch's record.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    /// The request that records its messages, or did.
    pub nonce: u8,
    /// Whether it is accepted; before that, its messages are being recorded.
    pub is_accepted: bool,
    /// How many messages the answer says were accepted.
    pub count: u8,
    /// The recipients that the answer says were rejected: a bit each.
    pub rejected: u8,
}

/// A batch.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Batch {
    /// Its record.
    pub record: Option<Record>,
    /// The records of its messages.
    pub rows: [Option<Row>; ROWS],
    /// Whether it is open: `settle` enqueues its messages.
    pub is_open: bool,
    /// Whether it is complete.
    pub is_complete: bool,
    /// How often `batch.completed` was published.
    pub published: u8,
    /// How often each message was posted to WhatsApp.
    pub posted: [u8; ROWS],
    /// The recipients that a 202 named as accepted: a bit each.
    pub answered: Option<u8>,
}

/// The next step of a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    /// The client has not sent it yet.
    NotSent,
    /// It reads the batch of its key, and checks the recipients.
    Find,
    /// It reads what an earlier request that broke off has recorded, and checks the other recipients.
    FindRows,
    /// It charges for the messages that are to be recorded.
    Charge,
    /// It was not charged, and reads the batch of its key again.
    FindAgain(Response),
    /// It inserts the batch's record, or takes it over.
    Begin,
    /// It inserts the record of a message.
    Insert(u8),
    /// It withdraws that record, because its insert was not answered.
    Withdraw(u8),
    /// It accepts the batch.
    Accept,
    /// It refunds so many credits, and then responds.
    EndCharge(u8, Response),
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
    /// Whether the SDK is repeating the step's call, whose response was lost.
    pub repeating: bool,
    /// Whether it has reached its timeout: its process has ended.
    pub old: bool,
    /// The requests that were old when it began: a bit each.
    pub began_after: u8,
    /// Whether its process will remove its reservation with a later charge.
    pub completed: bool,
    /// The request that broke off and whose batch it takes over.
    pub broken_off: Option<u8>,
    /// The messages that were recorded by earlier requests: a bit each.
    pub earlier: u8,
    /// The messages that it is to record: a bit each.
    pub missing: u8,
    /// The messages that it has recorded: a bit each.
    pub recorded: u8,
    /// The recipients that it rejects: a bit each.
    pub rejected: u8,
}

/// The next step of an invocation of `settle`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Settler {
    /// None.
    Idle,
    /// It has read the batch of a reservation, and reads its messages.
    Rows(u8, Option<Record>),
    /// It accepts a batch that broke off, as it read it, with the messages that it found, and then ends the reservation.
    Accept {
        /// The reservation.
        nonce: u8,
        /// The batch.
        record: Record,
        /// The messages: a bit each.
        rows: u8,
        /// The credits to refund then.
        refunded: u8,
    },
    /// It ends a reservation and refunds so many credits.
    End(u8, u8),
    /// It has found nothing left to be sent of a batch, and completes it.
    Complete(u8),
}

/// A state of the model.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The ledger's credits.
    pub credits: i8,
    /// The ledger's reservations, by nonce: how many credits each holds.
    pub reserved: [u8; REQUESTS],
    /// The batches.
    pub batches: [Batch; BATCHES],
    /// The requests.
    pub requests: [Request; REQUESTS],
    /// Invocations of `settle`.
    pub settlers: [Settler; 2],
    /// Whether the last recipient has opted out, so that it is rejected from now on.
    pub opted_out: bool,
    /// Whether a request was refused although its repeated charge was answered and applied.
    pub charged_and_refused: bool,
    /// Whether a request was refused while messages of its batch were recorded.
    pub recorded_and_refused: bool,
    /// Whether two requests with one key were answered differently.
    pub answers_differ: bool,
    /// Crashes, and calls without a response, so far.
    pub faults: u8,
}

impl Batch {
    const NEW: Self = Self {
        record: None,
        rows: [None; ROWS],
        is_open: false,
        is_complete: false,
        published: 0,
        posted: [0; ROWS],
        answered: None,
    };

    /// The messages that are recorded: a bit each.
    pub fn recorded(&self) -> u8 {
        self.bits(|_| true)
    }

    /// The messages that a request has recorded: a bit each. `of_tombstones` says whether a tombstone has its nonce.
    pub fn recorded_by(&self, nonce: u8, of_tombstones: bool) -> u8 {
        self.bits(|row| row.is_of(nonce, of_tombstones))
    }

    /// The messages that are queued: a bit each.
    pub fn queued(&self) -> u8 {
        self.bits(|row| row.status == Status::Queued)
    }

    /// The messages that may be erased: those that will not be sent any more, a bit each.
    pub fn erasable(&self) -> u8 {
        self.bits(|row| row.status != Status::Queued && !row.is_erased)
    }

    fn bits(&self, is_counted: impl Fn(&Row) -> bool) -> u8 {
        let rows = (0..).zip(&self.rows).filter(|(_, row)| row.as_ref().is_some_and(&is_counted));
        rows.fold(0, |bits, (row, _)| bits | 1 << row)
    }
}

impl Row {
    /// Whether a request has inserted it, as far as can be told. `of_tombstones` says whether a tombstone has its nonce.
    pub const fn is_of(&self, nonce: u8, of_tombstones: bool) -> bool {
        self.nonce == nonce && (of_tombstones || !self.is_erased)
    }
}

impl Record {
    /// The recipients that the answer names as accepted: a bit each.
    pub const fn listed(&self) -> u8 {
        ALL_ROWS & !self.rejected
    }
}

impl State {
    /// An account with some credits and no requests.
    pub const fn start(credits: i8) -> Self {
        let request = Request {
            step: Step::NotSent,
            repeating: false,
            old: false,
            began_after: 0,
            completed: false,
            broken_off: None,
            earlier: 0,
            missing: 0,
            recorded: 0,
            rejected: 0,
        };
        Self {
            credits,
            reserved: [0; REQUESTS],
            batches: [Batch::NEW; BATCHES],
            requests: [request; REQUESTS],
            settlers: [Settler::Idle; 2],
            opted_out: false,
            charged_and_refused: false,
            recorded_and_refused: false,
            answers_differ: false,
            faults: 0,
        }
    }

    /// Messages that are charged for: recorded and not failed.
    pub fn live(&self) -> i8 {
        let rows = self.batches.iter().flat_map(|batch| batch.rows).flatten();
        i8::try_from(rows.filter(|row| row.status != Status::Failed).count()).unwrap_or(i8::MAX)
    }
}
