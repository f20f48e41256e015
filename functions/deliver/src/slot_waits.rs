//! Waiting for slots in the function: SQS counts whole seconds, and each return to a queue is paid for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use shared::clock::{self, Timestamp};
use shared::lease::remaining;
use shared::ledger::MAX_SLOT_WAIT;
use tokio::sync::Notify;

use crate::time_left::{MIN_CLAIM_TIME, MIN_RECEIVE_TIME};

/// How long processed messages wait for the rest of their batch before they are deleted, or return to the queue.
pub const RELEASE_INTERVAL: Duration = Duration::from_secs(1);
/// A slot that is nearer is always waited for.
const NEAR: Duration = Duration::from_secs(1);
/// How long before its slot a message is received again that returns to its queue: SQS rounds up, and others return before it.
const EARLY: Duration = Duration::from_secs(2);
/// How many messages wait for slots that are further away; others return to the queue. A process with 128 MB of memory posts about 30
/// messages a second, and needs room for those of the next one.
const MAX_DISTANT: usize = 100;

/// The messages of this process that wait for their slots.
#[derive(Default)]
pub struct SlotWaits {
    all: AtomicUsize,
    /// Those whose slots were not near.
    distant: AtomicUsize,
    /// Another one of these begins to wait.
    begun: Notify,
}

/// Counts a message that waits, until it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SlotWaits {
    /// Waits for the slot of a message that is not claimed yet, if the invocation lasts until then and has time for its call. Otherwise
    /// it returns the time after which the message is received again.
    pub async fn wait_before_claim(&self, slot: Timestamp, deadline: SystemTime) -> Option<Duration> {
        let longest = remaining(deadline).saturating_sub(MIN_RECEIVE_TIME).min(MAX_SLOT_WAIT);
        if let Some(wait) = self.wait(slot, longest).await {
            return Some(wait);
        }
        (remaining(deadline) < MIN_CLAIM_TIME).then_some(Duration::ZERO) // many waited for the same time
    }

    /// Waits for a slot that is near, or at most `longest` away while few wait. For a later one it returns the time after which
    /// the message is received again.
    pub async fn wait(&self, slot: Timestamp, longest: Duration) -> Option<Duration> {
        let wait = clock::now().until(slot);
        let is_distant = wait > NEAR;
        if is_distant && (wait > longest || (wait > EARLY + RELEASE_INTERVAL && self.is_full())) {
            return Some(wait.saturating_sub(EARLY));
        }
        let _counted = (Counted::new(&self.all), is_distant.then(|| Counted::new(&self.distant)));
        if is_distant {
            self.begun.notify_one();
        }
        clock::sleep_until(slot).await;
        None
    }

    /// Whether any message waits.
    pub fn any(&self) -> bool {
        self.all.load(Ordering::Relaxed) > 0
    }

    /// Whether a message waits whose slot was not near, and others would find room.
    pub fn has_room_for_more(&self) -> bool {
        self.distant.load(Ordering::Relaxed) > 0 && !self.is_full()
    }

    /// Whether others return to the queue.
    pub fn is_full(&self) -> bool {
        self.distant.load(Ordering::Relaxed) >= MAX_DISTANT
    }

    /// Waits until another message begins to wait whose slot is not near.
    pub async fn begun(&self) {
        self.begun.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(8);

    #[tokio::test]
    async fn a_far_slot_is_not_waited_for_and_its_message_comes_back_in_time() {
        let waits = SlotWaits::default();
        for ahead in [8_100, 9_000, 20_500].map(Duration::from_millis) {
            let asked = clock::now();
            let wait = waits.wait(asked.plus(ahead), LONGEST).await.expect("it is far");
            // SQS rounds up.
            let hidden = Duration::from_secs(wait.as_millis().div_ceil(1000).try_into().expect("few"));
            assert!(hidden + NEAR <= ahead && ahead <= hidden + LONGEST, "{wait:?}");
        }
        assert!(!waits.any());
    }

    #[tokio::test]
    async fn what_has_no_time_left_for_its_call_after_its_wait_comes_again_at_once() {
        let waits = SlotWaits::default();
        for (beyond, again) in [(Duration::from_millis(10), Some(Duration::ZERO)), (Duration::from_secs(60), None)] {
            let (slot, deadline) =
                (clock::now().plus(Duration::from_millis(50)), SystemTime::now() + MIN_CLAIM_TIME + beyond);
            assert_eq!(waits.wait_before_claim(slot, deadline).await, again, "{beyond:?}");
            assert!(clock::now() >= slot);
        }
        // One that is not near is not even waited for.
        let (far, soon) = (clock::now().plus(Duration::from_secs(3)), SystemTime::now() + MIN_RECEIVE_TIME);
        assert!(waits.wait_before_claim(far, soon).await.is_some());
    }

    #[tokio::test]
    async fn those_of_the_next_second_find_room_behind_many_with_later_slots() {
        let (waits, now) = (SlotWaits::default(), clock::now());
        waits.distant.store(MAX_DISTANT, Ordering::Relaxed);
        assert!(waits.is_full() && !waits.has_room_for_more());
        assert!(waits.wait(now.plus(Duration::from_secs(5)), LONGEST).await.is_some());
        assert!(waits.wait(now.plus(Duration::from_millis(10)), LONGEST).await.is_none());
        // What returned now would come back too late.
        assert!(waits.wait(now.plus(Duration::from_millis(1500)), LONGEST).await.is_none());
    }

    #[tokio::test]
    async fn others_are_received_while_a_slot_is_waited_for() {
        let (waits, slot) = (SlotWaits::default(), clock::now().plus(Duration::from_millis(300)));
        let (waited, waited_for) = tokio::join!(waits.wait(slot, LONGEST), async { waits.any() });
        assert_eq!((waited, waited_for, waits.any(), waits.has_room_for_more()), (None, true, false, false));
        assert!(clock::now() >= slot);
    }

    #[tokio::test]
    async fn who_holds_a_message_is_told_and_forgets_it_when_it_is_dropped() {
        let waits = SlotWaits::default();
        let waiting = async { waits.wait(clock::now().plus(Duration::from_secs(7)), LONGEST).await };
        tokio::select! {
            _ = waiting => panic!("it ended before its slot"),
            () = async { waits.begun().await; assert!(waits.has_room_for_more()) } => {}
        }
        assert!(!waits.any() && !waits.has_room_for_more());
    }
}
