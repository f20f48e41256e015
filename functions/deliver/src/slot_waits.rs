//! Waiting for slots in the function: SQS counts whole seconds, and each return to a queue is paid for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shared::clock::{self, Timestamp};

/// A message that is returned to its queue is received again within this time of its slot, and never after it: SQS rounds up.
const EARLY: Duration = Duration::from_secs(1);
/// While so many wait, others with slots that are further away than [`EARLY`] return to the queue: a process with 128 MB of memory
/// posts about 30 messages a second, and needs room for those of the next one.
const MAX_HELD: usize = 100;

/// The messages of this process that wait for their slots.
#[derive(Default)]
pub struct SlotWaits(AtomicUsize);

impl SlotWaits {
    /// Waits for a slot that is at most `longest` away, if few wait already, or within a second. For a later one it returns the
    /// time after which the message is received again.
    pub async fn wait(&self, slot: Timestamp, longest: Duration) -> Option<Duration> {
        let wait = clock::now().until(slot);
        let has_room = self.0.load(Ordering::Relaxed) < MAX_HELD;
        if wait > EARLY && (wait > longest || !has_room) {
            return Some(wait.saturating_sub(EARLY));
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        clock::sleep_until(slot).await;
        self.0.fetch_sub(1, Ordering::Relaxed);
        None
    }

    /// Whether any message waits.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_far_slot_is_not_waited_for_and_its_message_comes_back_in_time() {
        let (waits, slot) = (SlotWaits::default(), clock::now().plus(Duration::from_secs(20)));
        let wait = waits.wait(slot, Duration::from_secs(8)).await.expect("it is far");
        // SQS rounds up.
        let received = clock::now().plus(Duration::from_secs(wait.as_secs() + 1));
        assert!(received <= slot && received >= slot.minus(Duration::from_secs(2)), "{wait:?}");
        assert!(!waits.any());
    }

    #[tokio::test]
    async fn those_of_the_next_second_find_room_behind_many_with_later_slots() {
        let (waits, now) = (SlotWaits::default(), clock::now());
        waits.0.store(MAX_HELD, Ordering::Relaxed);
        let longest = Duration::from_secs(8);
        assert!(waits.wait(now.plus(Duration::from_secs(5)), longest).await.is_some());
        assert!(waits.wait(now.plus(Duration::from_millis(10)), longest).await.is_none());
    }

    #[tokio::test]
    async fn others_are_received_while_a_near_slot_is_waited_for() {
        let (waits, slot) = (SlotWaits::default(), clock::now().plus(Duration::from_millis(300)));
        let (waited, waited_for) = tokio::join!(waits.wait(slot, Duration::from_secs(8)), async { waits.any() });
        assert_eq!((waited, waited_for, waits.any()), (None, true, false));
        assert!(clock::now() >= slot);
    }
}
