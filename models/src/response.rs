//! How `send` answers a request for a message or a batch.

/// The response to a client.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Response {
    /// 202.
    Accepted,
    /// 402.
    NoCredits,
    /// 409.
    InProgress,
    /// 503: nothing was accepted.
    Refused,
    /// 500: the outcome is unknown.
    Unknown,
}
