//! A state of the world: the meter, the records, the queue, and the requests.

/// Requests that the model has room for.
pub const REQUESTS: usize = 3;

/// Where a message stands, as far as sending it matters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Status {
    /// Queued, and nobody has tried.
    Queued,
    /// Queued again after an attempt.
    Tried,
    /// WhatsApp has it.
    Sent,
    /// It failed, and its credit is back.
    Failed,
}

/// A record. A request's nonce is its number.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    /// The request that made it.
    pub nonce: u8,
    /// Where it stands.
    pub status: Status,
}

/// What a request does next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    /// The client has not sent it yet.
    NotSent,
    /// It looks for the record of its key.
    Find,
    /// It charges.
    Charge,
    /// It puts the record.
    Insert,
    /// It puts the message into the queue.
    Enqueue,
    /// It takes the record back; whether the queue failed, or the put.
    Withdraw {
        /// The queue did not answer.
        enqueued: bool,
    },
    /// It gives the charge back.
    GiveBack {
        /// Because another request with its key was faster: that one's record is the answer.
        again: bool,
    },
    /// It answers by a record that it found, which was queued and untried or not.
    AnswerAgain {
        /// The record that it found.
        found: Record,
    },
    /// It puts a message that it found into the queue again.
    EnqueueAgain,
    /// It has answered.
    Answered(Answer),
    /// It crashed, or Lambda ended it.
    Dead,
}

/// What a client is told.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Answer {
    /// 202.
    Accepted,
    /// 402.
    NoCredits,
    /// 409.
    UnderWay,
    /// 503: nothing was accepted.
    Refused,
    /// 500: not known.
    Unsure,
}

/// A request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Request {
    /// Its next step.
    pub step: Step,
    /// Whether the SDK is repeating the step's call, whose answer was lost.
    pub repeating: bool,
    /// Whether it is as old as a request can be: what it made is not young any more, and its process has ended.
    pub old: bool,
    /// Which requests were old when it began: a bit each.
    pub began_after: u8,
    /// Whether its process will take its reservation off with a later charge.
    pub done: bool,
}

/// What settle does next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the steps of settle's reservations.rs, each for a reservation")]
pub enum Settler {
    Idle,
    GiveBack(u8),
    EnqueueAgain(u8),
    Remove(u8),
}

/// A state of the world.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The meter's credits.
    pub credits: i8,
    /// The meter's reservations, by nonce: a bit each.
    pub reserved: u8,
    /// The records, by message.
    pub records: [Option<Record>; 2],
    /// The queue, by message: a bit for each nonce, and one for what was put in again.
    pub queue: [u8; 2],
    /// What the queue's deduplication remembers, by message: bits as in the queue.
    pub remembered: [u8; 2],
    /// How often each message was sent.
    pub posted: [u8; 2],
    /// Which messages a 202 was given for: a bit each.
    pub accepted: u8,
    /// Requests whose message was sent: a bit each.
    pub sent_by: u8,
    /// The requests.
    pub requests: [Request; REQUESTS],
    /// Settle.
    pub settler: Settler,
    /// Whether a request was refused whose charge stands and was answered.
    pub in_vain: bool,
    /// Crashes, and calls without an answer, so far.
    pub faults: u8,
}

impl State {
    /// An account with some credits, and nothing sent.
    pub const fn start(credits: i8) -> Self {
        let request = Request { step: Step::NotSent, repeating: false, old: false, began_after: 0, done: false };
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
            in_vain: false,
            faults: 0,
        }
    }

    /// Messages that are charged for: recorded and not failed.
    pub fn live(&self) -> usize {
        self.records.iter().flatten().filter(|record| record.status != Status::Failed).count()
    }
}
