//! A state of the model: one message, its credit, and the copies of its event.

/// What is under the message's id.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Record {
    /// Nothing.
    Absent,
    /// It waits to be sent.
    Queued,
    /// It is being posted.
    Sending,
    /// It was sent, or received.
    Done,
    /// It failed, and was refunded.
    Failed,
    /// It was erased.
    Tombstone,
}

/// The next step of the request that sends the message. It may break off after any.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Send {
    /// Charges.
    Charge,
    /// Inserts the record.
    Insert,
    /// Enqueues.
    Enqueue,
    /// It has ended.
    Ended,
}

/// The next step of `settle` with the reservation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Settle {
    /// Reads the record.
    Read,
    /// Writes what follows from the record that it read.
    Write(Record),
}

/// The next step of an erasure.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Erasure {
    /// Marks the webhook.
    Mark,
    /// Reads the record.
    Read,
    /// Cancels what is queued.
    Cancel,
    /// Replaces a final record.
    Erase,
    /// It has answered.
    Answered,
}

/// The webhook.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Webhook {
    /// It is not created yet.
    Absent,
    /// Its attempts do not look for an erasure of this message.
    Unmarked,
    /// Its attempts look.
    Marked,
}

/// Where the event of the message is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Event {
    /// Nowhere: it did not happen, was delivered, or was dropped.
    Nowhere,
    /// In the stream.
    InStream,
    /// In the queue, for an attempt.
    InQueue,
    /// In an attempt, which has read the webhook: whether it looks, and whether it began after an erasure was answered.
    Begun {
        /// Whether the webhook is marked.
        looks: bool,
        /// Whether it began after the answer.
        late: bool,
    },
    /// In an attempt that has posted it.
    Posted,
}

/// The redaction of the delivery log.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Redaction {
    /// Nothing was erased.
    None,
    /// The tombstone is in the stream.
    InStream,
    /// It is done once, and waits until the attempts in progress have ended.
    Again,
    /// It is complete.
    Complete,
}

/// A state.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The record.
    pub record: Record,
    /// Whether the message was recorded, and whether its credit was refunded with the record.
    pub recorded: bool,
    /// See `recorded`.
    pub refunded: bool,
    /// Credits, compared with the start.
    pub credits: i8,
    /// Whether the ledger holds the reservation.
    pub reserved: bool,
    /// Whether a delivery queue holds the message.
    pub queued: bool,
    /// Whether `deliver` posts it.
    pub posting: bool,
    /// The request.
    pub send: Send,
    /// `settle`.
    pub settle: Settle,
    /// Callbacks of WhatsApp's that are still to come: of an inbound message its repeats, of another a failure.
    pub callbacks: u8,
    /// The erasures.
    pub erasures: [Erasure; 2],
    /// Whether the message was erased, and whether that was answered.
    pub erased: bool,
    /// See `erased`.
    pub answered: bool,
    /// The webhook.
    pub webhook: Webhook,
    /// The event.
    pub event: Event,
    /// Attempts that may still fail.
    pub failures: u8,
    /// Whether the delivery log holds the event.
    pub logged: bool,
    /// The redaction.
    pub redaction: Redaction,
    /// Whether an attempt that began after the answer posted the event.
    pub posted_late: bool,
    /// Whether the message was stored after it had been erased.
    pub came_back: bool,
    /// Whether the result of a POST to WhatsApp found no record.
    pub unrecorded: bool,
}
