//! The limits of messages in flight, and of the messages among which a FIFO queue looks for groups.

use super::*;
use crate::sqs::error::SqsError;
use crate::sqs::limits::MAX_IN_FLIGHT;

const SHORT: ReceiveRequest =
    ReceiveRequest { max_messages: 10, visibility_timeout: None, wait_time: Some(0), attempt_id: None };

/// Adds messages, each with the group that `group_of` returns for its index.
fn fill(queue: &Queue, count: usize, group_of: impl Fn(usize) -> String) {
    queue
        .change(|state, now| {
            for index in 0..count {
                let group = Some(group_of(index).into());
                state.messages.add(Message { group_id: group, sent_at: now, ..Message::default() }, now, now);
            }
            Ok(())
        })
        .expect("the queue accepts it");
}

/// Brings as many messages of one group in flight as the queue allows.
fn fill_flight(queue: &Queue) {
    fill(queue, MAX_IN_FLIGHT + 1, |_| "a".into());
    queue
        .change(|state, now| {
            let outcome = state.messages.receive(now, usize::MAX, now + 1_000_000, None);
            assert_eq!(outcome.received.len(), MAX_IN_FLIGHT, "no more than the limit is received");
            Ok(())
        })
        .expect("the queue accepts it");
}

#[tokio::test]
async fn a_standard_queue_with_120_000_in_flight_refuses_short_receives_only() {
    let queue = queue(&Clock::new(), &[]);
    fill_flight(&queue);
    let error = queue.receive(&SHORT, |_| None).await.expect_err("the server refuses");
    assert_eq!(error, SqsError::OverLimit);
    let long = ReceiveRequest { wait_time: Some(1), ..SHORT };
    assert!(queue.receive(&long, |_| None).await.expect("it succeeds").is_empty());
}

#[tokio::test]
async fn a_fifo_queue_with_120_000_in_flight_returns_nothing_and_no_error() {
    let queue = fifo_queue(&Clock::new());
    fill_flight(&queue);
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
    queue.delete(&backlog[0].0).expect("the queue accepts it");
    let seen = receive(&queue, 10).await;
    let groups: Vec<_> =
        seen.iter().map(|(_, message)| message.group_id.as_deref().expect("the queue accepts it")).collect();
    assert_eq!(groups, ["later-0"], "one slot became free");
}
