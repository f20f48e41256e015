//! Sixty-four receivers at once: each message goes to one of them.

use std::collections::HashSet;
use std::sync::Arc;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use tokio::task::JoinSet;

use crate::sqs::queue::Queue;
use crate::sqs::target::Target;

const RECEIVERS: usize = 64;
const MESSAGES: usize = 640;

/// Sends messages, in thirty groups on a FIFO queue.
async fn fill(queue: &Queue, is_fifo: bool) {
    for batch in 0..MESSAGES / 10 {
        let entries = (batch * 10..batch * 10 + 10).map(|index| {
            let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(index.to_string());
            let group = is_fifo.then(|| (index % 30).to_string());
            let id = is_fifo.then(|| index.to_string());
            entry.set_message_group_id(group).set_message_deduplication_id(id).build().expect("it is complete")
        });
        let request = queue.client.send_message_batch().queue_url(&queue.url);
        let sent = request.set_entries(Some(entries.collect())).send().await.expect("the server answers");
        assert_eq!(sent.successful.len(), 10);
    }
}

/// Receives side by side until the queue is empty.
async fn receive_side_by_side(queue: Queue) -> Vec<usize> {
    let queue = Arc::new(queue);
    let mut receivers = JoinSet::new();
    for _ in 0..RECEIVERS {
        let queue = queue.clone();
        receivers.spawn(async move {
            let mut all = Vec::new();
            loop {
                let received = queue.receive_for(10, 2, None).await;
                if received.is_empty() {
                    return all;
                }
                for message in received {
                    all.push(message.body().expect("the answer has it").parse().expect("it is a number"));
                    queue.delete(&message).await.expect("the server does it");
                }
            }
        });
    }
    receivers.join_all().await.concat()
}

fn assert_each_once(received: &[usize]) {
    let distinct: HashSet<&usize> = received.iter().collect();
    assert_eq!((received.len(), distinct.len()), (MESSAGES, MESSAGES));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_receivers_of_a_standard_queue_get_each_message_once() {
    let queue = Target::given().await.standard(&[]).await;
    fill(&queue, false).await;
    assert_each_once(&receive_side_by_side(queue).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_receivers_of_a_fifo_queue_get_each_message_once() {
    let queue = Target::given().await.fifo(&[]).await;
    fill(&queue, true).await;
    assert_each_once(&receive_side_by_side(queue).await);
}
