//! What SQS does when there are too many messages in flight, or too many in front.

use super::*;
use crate::sqs::error::ErrorCode;
use crate::sqs::messages::MAX_IN_FLIGHT;

const SHORT: Receive = Receive { max: 10, visibility_timeout: None, wait: Some(0), attempt_id: None };

/// Adds messages; each has the group that `group_of` gives it.
fn fill(queue: &Queue, count: usize, group_of: impl Fn(usize) -> String) {
    queue
        .change(|state, now| {
            for index in 0..count {
                let group = Some(group_of(index).into());
                state.messages.add(Message { group, sent: now, ..Message::default() }, now, now);
            }
            Ok(())
        })
        .expect("the queue does it");
}

fn receive_everything(queue: &Queue) {
    queue
        .change(|state, now| {
            let taken = state.messages.receive(now, usize::MAX, now + 1_000_000, None);
            assert_eq!(taken.received.len(), MAX_IN_FLIGHT, "no more than the limit is received");
            Ok(())
        })
        .expect("the queue does it");
}

#[tokio::test]
async fn a_standard_queue_with_120_000_in_flight_refuses_short_receives_and_makes_long_ones_wait() {
    let queue = queue(&Clock::new(), &[]);
    fill(&queue, MAX_IN_FLIGHT + 1, |_| "a".into());
    receive_everything(&queue);
    let error = queue.receive(&SHORT, |_| None).await.expect_err("the server refuses");
    assert_eq!(error.code, ErrorCode::OverLimit);
    let long = Receive { wait: Some(1), ..SHORT };
    assert!(queue.receive(&long, |_| None).await.expect("it succeeds").is_empty());
}

#[tokio::test]
async fn a_fifo_queue_with_120_000_in_flight_gives_nothing_and_does_not_complain() {
    let queue = fifo_queue(&Clock::new());
    fill(&queue, MAX_IN_FLIGHT + 1, |_| "a".into());
    receive_everything(&queue);
    assert!(queue.receive(&SHORT, |_| None).await.expect("it succeeds").is_empty());
}

#[tokio::test]
async fn a_fifo_queue_looks_for_groups_among_its_first_120_000_messages() {
    let queue = fifo_queue(&Clock::new());
    fill(&queue, 120_000, |_| "backlog".into());
    fill(&queue, 2, |index| format!("later-{index}"));
    let backlog = receive(&queue, 10).await;
    assert_eq!(backlog.len(), 10);
    assert!(receive(&queue, 10).await.is_empty(), "the later groups are too far back");
    queue.delete(&backlog[0].0).expect("the queue does it");
    let seen = receive(&queue, 10).await;
    let groups: Vec<_> = seen.iter().map(|(_, message)| message.group.as_deref().expect("the queue does it")).collect();
    assert_eq!(groups, ["later-0"], "one place came free");
}
