//! The scheduled messages that this process has enqueued a moment ago: those that follow in a conversation do not take them along again.

use std::time::Duration;

use shared::cache::Cache;
use shared::ids::MessageId;

/// A scheduled message takes those of its conversation with it whose times are this little earlier: queues delay by whole seconds, and
/// another process may have those.
pub const TOGETHER: Duration = Duration::from_secs(3);

/// What was enqueued.
#[derive(Default)]
pub struct EnqueuedLately(Cache<MessageId, ()>);

impl EnqueuedLately {
    /// Whether a message was enqueued.
    pub fn contains(&self, id: &MessageId) -> bool {
        self.0.get(id).is_some()
    }

    /// Notes that a message was enqueued.
    pub fn note(&self, id: &MessageId) {
        self.0.put(id.clone(), (), 2 * TOGETHER);
    }
}
