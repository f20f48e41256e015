//! The limits of messages in flight, and of the messages among which a FIFO queue looks for groups.

use super::*;
use crate::sqs::error::SqsError;
use crate::sqs::limits::MAX_IN_FLIGHT;

const SHORT: ReceiveRequest =
    ReceiveRequest { max_messages: 10, visibility_timeout: None, wait_time: Some(0), attempt_id: None };

fn message_of(group: &str) -> Message {
    Message { group_id: Some(group.into()), ..Message::default() }
}

/// Brings as many messages of one group in flight as the queue allows.
async fn fill_flight(queue: &Queue) {
    add_at_once(queue, vec![message_of("a"); MAX_IN_FLIGHT + 1]);
    let request = ReceiveRequest { max_messages: usize::MAX, visibility_timeout: Some(1000), ..SHORT };
    let received = queue.receive(&request, |_| None).await.expect("it succeeds");
    assert_eq!(received.len(), MAX_IN_FLIGHT, "no more than the limit is received");
}

#[tokio::test]
async fn a_standard_queue_with_120_000_in_flight_refuses_short_receives_only() {
    let queue = queue(&Clock::new(), &[]);
    fill_flight(&queue).await;
    let error = queue.receive(&SHORT, |_| None).await.expect_err("the server refuses");
    assert_eq!(error, SqsError::OverLimit);
    let long = ReceiveRequest { wait_time: Some(1), ..SHORT };
    assert!(queue.receive(&long, |_| None).await.expect("it succeeds").is_empty());
}

#[tokio::test]
async fn a_fifo_queue_with_120_000_in_flight_returns_nothing_and_no_error() {
    let queue = fifo_queue(&Clock::new());
    fill_flight(&queue).await;
    assert!(queue.receive(&SHORT, |_| None).await.expect("it succeeds").is_empty());
}

#[tokio::test]
async fn a_fifo_queue_looks_for_groups_among_its_first_120_000_messages() {
    let queue = fifo_queue(&Clock::new());
    add_at_once(&queue, vec![message_of("backlog"); 120_000]);
    add_at_once(&queue, ["later-0", "later-1"].map(message_of));
    let backlog = receive(&queue, 10).await;
    assert_eq!(backlog.len(), 10);
    assert!(receive(&queue, 10).await.is_empty(), "the later groups are too far back");
    queue.delete(&backlog[0].0).expect("the queue accepts it");
    let seen = receive(&queue, 10).await;
    let groups: Vec<_> = seen.iter().map(|(_, message)| message.group_id.as_deref()).collect();
    assert_eq!(groups, [Some("later-0")], "one slot became free");
}
