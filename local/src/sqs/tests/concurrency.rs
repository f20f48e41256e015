//! Many receivers at once: each message goes to one of them.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::*;

const RECEIVERS: usize = 64;

/// Receives side by side, deletes if asked to, and gives the bodies in the order of each receiver.
async fn receive_side_by_side(queue: Arc<Queue>, deletes: bool) -> Vec<Vec<String>> {
    let mut receivers = JoinSet::new();
    for _ in 0..RECEIVERS {
        let queue = queue.clone();
        receivers.spawn(async move {
            let mut all = Vec::new();
            let request = Receive { max: 10, wait: Some(1), ..Receive::default() };
            loop {
                let received = queue.receive(&request, |_| None).await.expect("it succeeds");
                if received.is_empty() {
                    return all;
                }
                for (handle, message) in received {
                    all.push(message.body);
                    if deletes {
                        queue.delete(&handle).expect("the queue does it");
                    }
                }
            }
        });
    }
    receivers.join_all().await
}

fn assert_each_once(received: &[Vec<String>], sent: usize) {
    let distinct: HashSet<&String> = received.iter().flatten().collect();
    assert_eq!(received.iter().map(Vec::len).sum::<usize>(), sent, "no message comes twice");
    assert_eq!(distinct.len(), sent, "every message comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_receivers_of_a_standard_queue_get_each_message_once() {
    let queue = Arc::new(queue(&Clock::new(), &[]));
    for index in 0..5000 {
        queue.send(ungrouped(&index.to_string())).expect("the queue does it");
    }
    let received = receive_side_by_side(queue, false).await;
    assert_each_once(&received, 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_receivers_of_a_fifo_queue_get_each_message_once_and_groups_in_order() {
    let queue = Arc::new(fifo_queue(&Clock::new()));
    for index in 0..5000 {
        queue.send(of_group(&format!("group-{}", index % 50), &index.to_string())).expect("the queue does it");
    }
    let received = receive_side_by_side(queue, true).await;
    assert_each_once(&received, 5000);
    for of_receiver in received {
        for group in 0..50 {
            let numbers = of_receiver.iter().map(|body| body.parse::<usize>().expect("it is a number"));
            let of_group: Vec<usize> = numbers.filter(|number| number % 50 == group).collect();
            assert!(of_group.is_sorted(), "group {group} comes in order");
        }
    }
}
