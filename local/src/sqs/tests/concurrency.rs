//! Many concurrent receivers: each message is received once.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::*;

const RECEIVERS: usize = 64;

/// Receives with all receivers concurrently, and deletes if `deletes`. Returns each receiver's bodies in order.
async fn receive_concurrently(queue: Arc<Queue>, deletes: bool) -> Vec<Vec<String>> {
    let mut receivers = JoinSet::new();
    for _ in 0..RECEIVERS {
        let queue = queue.clone();
        receivers.spawn(async move {
            let mut all = Vec::new();
            let request = ReceiveRequest { max_messages: 10, wait_time: Some(1), ..ReceiveRequest::default() };
            loop {
                let received = queue.receive(&request, |_| None).await.expect("it succeeds");
                if received.is_empty() {
                    return all;
                }
                for (handle, message) in received {
                    all.push(message.body);
                    if deletes {
                        queue.delete(&handle).expect("the queue accepts it");
                    }
                }
            }
        });
    }
    receivers.join_all().await
}

fn assert_each_once(received: &[Vec<String>], sent: usize) {
    let distinct: HashSet<&String> = received.iter().flatten().collect();
    assert_eq!(received.iter().map(Vec::len).sum::<usize>(), sent, "no message is received twice");
    assert_eq!(distinct.len(), sent, "every message is received");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_receivers_of_a_standard_queue_get_each_message_once() {
    let queue = Arc::new(queue(&Clock::new(), &[]));
    for index in 0..5000 {
        queue.send(ungrouped(&index.to_string())).expect("the queue accepts it");
    }
    let received = receive_concurrently(queue, false).await;
    assert_each_once(&received, 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_receivers_of_a_fifo_queue_get_each_message_once_and_groups_in_order() {
    let queue = Arc::new(fifo_queue(&Clock::new()));
    for index in 0..5000 {
        queue.send(grouped(&format!("group-{}", index % 50), &index.to_string())).expect("the queue accepts it");
    }
    let received = receive_concurrently(queue, true).await;
    assert_each_once(&received, 5000);
    for of_receiver in received {
        for group in 0..50 {
            let numbers = of_receiver.iter().map(|body| body.parse::<usize>().expect("it is a number"));
            let of_group: Vec<usize> = numbers.filter(|number| number % 50 == group).collect();
            assert!(of_group.is_sorted(), "group {group} comes in order");
        }
    }
}
