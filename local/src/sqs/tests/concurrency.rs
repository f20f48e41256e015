//! Many concurrent receivers: each message is received once.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::*;

const RECEIVERS: usize = 64;
const MESSAGES: usize = 5000;
const GROUPS: usize = 50;

/// Receives and deletes everything with all receivers concurrently. Returns the bodies that each got, in order.
async fn receive_concurrently(queue: Queue) -> Vec<Vec<usize>> {
    let queue = Arc::new(queue);
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
                    all.push(message.body.parse().expect("it is a number"));
                    queue.delete(&handle).expect("the queue accepts it");
                }
            }
        });
    }
    receivers.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_receivers_get_each_message_once_and_fifo_groups_in_order() {
    for queue in [queue(&Clock::new(), &[]), fifo_queue(&Clock::new())] {
        let is_fifo = queue.attributes(|attributes| attributes.is_fifo);
        for index in 0..MESSAGES {
            let group = is_fifo.then(|| format!("group-{}", index % GROUPS));
            let message = SendMessageInput { message_group_id: group, ..ungrouped(&index.to_string()) };
            queue.send(message).expect("the queue accepts it");
        }
        let received = receive_concurrently(queue).await;
        let distinct: HashSet<&usize> = received.iter().flatten().collect();
        assert_eq!(received.iter().map(Vec::len).sum::<usize>(), MESSAGES, "no message is received twice");
        assert_eq!(distinct.len(), MESSAGES, "every message is received");
        for of_receiver in received.iter().filter(|_| is_fifo) {
            for group in 0..GROUPS {
                let of_group = of_receiver.iter().filter(|number| *number % GROUPS == group);
                assert!(of_group.is_sorted(), "group {group} comes in order");
            }
        }
    }
}
