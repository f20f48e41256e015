//! Waiting for slots in the function: SQS counts whole seconds, and each return to a queue is paid for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shared::clock::{self, Timestamp};

/// A message that is returned to its queue is received again within this time of its slot, and never after it: SQS rounds up.
const EARLY: Duration = Duration::from_secs(1);

/// The messages of this process that wait for their slots.
#[derive(Default)]
pub struct SlotWaits(AtomicUsize);

impl SlotWaits {
    /// Waits for a slot that is at most `longest` away. For a later one it returns the time after which the message is
    /// received again.
    pub async fn wait(&self, slot: Timestamp, longest: Duration) -> Option<Duration> {
        let wait = clock::now().until(slot);
        if wait > longest.max(EARLY) {
            return Some(wait.saturating_sub(EARLY));
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(wait).await;
        self.0.fetch_sub(1, Ordering::Relaxed);
        None
    }

    /// Whether any message waits.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}
