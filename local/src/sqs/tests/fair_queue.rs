//! A noisy message group of a standard queue does not delay the others.

use super::*;

fn send_many(queue: &Queue, group: &str, count: usize) {
    for index in 0..count {
        queue.send(grouped(group, &format!("{group}{index}"))).expect("the queue accepts it");
    }
}

/// Receives ten messages, so many times.
async fn receive_tens(queue: &Queue, times: usize) -> Vec<ReceivedMessage> {
    let mut received = Vec::new();
    for _ in 0..times {
        received.extend(receive(queue, 10).await);
    }
    received
}

#[tokio::test]
async fn quiet_groups_and_messages_without_one_come_before_a_group_with_thirty_in_flight() {
    let queue = queue(&Clock::new(), &[]);
    send_many(&queue, "noisy", 100);
    send_many(&queue, "quiet", 1);
    queue.send(ungrouped("alone")).expect("the queue accepts it");
    assert_eq!(receive_tens(&queue, 3).await.len(), 30);
    let next = receive(&queue, 3).await;
    assert_eq!(bodies(&next), ["quiet0", "alone", "noisy30"]);
}

#[tokio::test]
async fn of_two_noisy_groups_the_one_with_fewer_in_flight_comes_first() {
    let queue = queue(&Clock::new(), &[]);
    send_many(&queue, "a", 50);
    receive_tens(&queue, 4).await;
    send_many(&queue, "b", 50);
    receive_tens(&queue, 3).await;
    let next = receive(&queue, 10).await;
    assert!(bodies(&next).iter().all(|body| body.starts_with('b')), "40 of a and 30 of b were in flight");
    let next = receive(&queue, 2).await;
    assert_eq!(bodies(&next), ["a40", "b40"], "40 of both were in flight");
}

#[tokio::test]
async fn a_group_is_quiet_again_once_its_messages_are_deleted() {
    let queue = queue(&Clock::new(), &[]);
    send_many(&queue, "noisy", 40);
    let received = receive_tens(&queue, 3).await;
    send_many(&queue, "quiet", 1);
    queue.delete(&received[0].0).expect("the queue accepts it");
    let next = receive(&queue, 1).await;
    assert_eq!(bodies(&next), ["noisy30"], "its message is older");
}
