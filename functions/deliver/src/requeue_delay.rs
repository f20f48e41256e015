//! Waits that may repeat without an end that is known: for a table, a queue, another message, or a paused instance.

use std::time::Duration;

use shared::aws::ProcessingError;
use shared::aws::sqs_batch::catch_panic;
use shared::ids::MessageId;

use crate::deliverer::SOON;

/// The shortest of these waits after a message was received this many times: the square in milliseconds.
///
/// The queue gives a message up after 1,000 receives, while it may wait for a day. This way a day takes 640 of them, and a
/// message that has waited for an hour goes on within a minute.
pub const fn least_wait(receives: u64) -> Duration {
    Duration::from_millis(receives.saturating_mul(receives))
}

/// Ends the attempt of a message: one that failed, or panicked, is received again. The others of its batch continue.
pub async fn or_again(
    id: &MessageId,
    receives: u64,
    attempt: impl Future<Output = Result<Option<Duration>, ProcessingError>>,
) -> Option<Duration> {
    catch_panic(attempt).await.unwrap_or_else(|error| {
        tracing::error!(message_id = %id, %error, "delivery.failed");
        Some(SOON.max(least_wait(receives)))
    })
}

#[cfg(test)]
mod tests {
    use shared::clock;

    use super::*;
    use crate::posts_in_progress::PostsInProgress;
    use crate::slot_waits::SlotWaits;

    #[tokio::test]
    async fn a_message_whose_attempt_panics_comes_again_and_holds_up_no_other() {
        let (waits, posts, id) = (SlotWaits::default(), PostsInProgress::default(), MessageId::generate());
        let defect = async {
            let _post = posts.begin("number");
            waits.begun().await;
            panic!("a defect")
        };
        let panics = async {
            let slot = clock::now().plus(Duration::from_secs(5));
            let ((), _held): ((), _) = tokio::join!(defect, waits.wait(slot, Duration::from_secs(8)));
            Ok(None)
        };
        let other = async { Ok(Some(Duration::ZERO)) };
        let (panicked, other) = tokio::join!(or_again(&id, 1, panics), or_again(&id, 1, other));
        assert_eq!((panicked, other), (Some(SOON), Some(Duration::ZERO)));
        assert!(!waits.any() && !waits.has_room_for_more() && !posts.any());
    }

    #[test]
    fn a_day_of_waiting_takes_fewer_receives_than_a_queue_allows() {
        let after = |receives| (1..=receives).map(least_wait).sum::<Duration>();
        assert!(least_wait(30) < Duration::from_secs(1), "ordinary waits are not longer");
        assert!(after(230) > Duration::from_secs(3600) && least_wait(230) < Duration::from_secs(60));
        assert!(after(650) > Duration::from_secs(24 * 3600));
    }
}
