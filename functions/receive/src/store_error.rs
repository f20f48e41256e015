//! Why a callback was not stored, so that WhatsApp must repeat it.

use shared::aws::{QueueError, TableError};
use shared::ids::InstanceId;
use shared::security::DecryptionError;
use shared::unread_callback::TooLarge;

/// Why a callback, or a part of it, was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue of files did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The number was freed a while ago, and nobody has connected it yet.
    #[error("the number is between owners; it was freed by {0}")]
    BetweenOwners(InstanceId),
    /// An account has received more than its plan allows.
    #[error("an account is over its inbound quota")]
    OverQuota,
    /// A customer's own app reports more about a number than it may.
    #[error("a customer's own app is over its limit")]
    OverOwnAppLimit,
    /// A customer's own app has signed more updates than WhatsApp sends at once.
    #[error("a callback of a customer's own app has too many updates")]
    TooManyUpdates,
    /// What was not read cannot be kept.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// A kept callback cannot be decrypted.
    #[error("the kept callback: {0}")]
    Undecipherable(#[from] DecryptionError),
    /// The app secret of a number cannot be decrypted, so its app may have signed the callback.
    #[error("this process does not have the key of a number's app secret")]
    UnknownSecretKey,
    /// A status may be about a message of ours, and this process does not have the key of its tag.
    #[error("this process does not have the key of a status's tag")]
    UnknownTagKey,
}
