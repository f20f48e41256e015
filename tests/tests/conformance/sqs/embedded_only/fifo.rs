//! FIFO queues and deduplication.

use std::time::Duration;

use crate::sqs::queue::bodies;
use crate::sqs::target::Target;

// ministack returns messages strictly in the order of their sends.
#[tokio::test]
async fn a_receive_takes_as_many_messages_of_one_group_as_possible() {
    let queue = Target::embedded().await.fifo(&[]).await;
    for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("c", "c1"), ("b", "b2"), ("a", "a3")] {
        queue.send_to(group, body).await;
    }
    assert_eq!(bodies(&queue.receive(4).await), ["a1", "a2", "a3", "b1"]);
    assert_eq!(bodies(&queue.receive(10).await), ["c1"], "b has a message in flight");
}

// ministack returns the oldest message first, however often it was received.
#[tokio::test]
async fn a_group_that_is_visible_again_waits_behind_the_others() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[]).await;
    for (group, body) in [("a", "a1"), ("b", "b1"), ("c", "c1")] {
        queue.send_to(group, body).await;
    }
    assert_eq!(bodies(&queue.receive_for(1, 0, Some(600)).await), ["a1"]);
    target.pass(Duration::from_secs(600));
    assert_eq!(bodies(&queue.receive(10).await), ["b1", "c1", "a1"]);
}

// ministack keeps deduplication ids after a purge.
#[tokio::test]
async fn a_purge_forgets_the_deduplication_ids() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[]).await;
    let first = queue.send_to("group", "hello").await;
    target.client.purge_queue().queue_url(&queue.url).send().await.expect("the server answers");
    let second = queue.send_to("group", "hello").await;
    assert_ne!(second.message_id, first.message_id);
    assert_eq!(bodies(&queue.receive(10).await), ["hello"]);
}

// ministack does not support attempt ids.
#[tokio::test]
async fn a_repeated_receive_attempt_returns_the_same_messages() {
    let queue = Target::embedded().await.fifo(&[]).await;
    for body in ["one", "two", "three"] {
        queue.send_to("group", body).await;
    }
    let attempt = async |id: &str| {
        let request = queue.client.receive_message().queue_url(&queue.url).max_number_of_messages(2);
        request.receive_request_attempt_id(id).send().await.expect("the server does it").messages.unwrap_or_default()
    };
    let first = attempt("a").await;
    assert_eq!(bodies(&first), ["one", "two"]);
    assert_eq!(attempt("a").await, first);
    assert!(attempt("b").await.is_empty(), "it is another receive");
    queue.delete(&first[0]).await.expect("the server does it");
    assert!(attempt("a").await.is_empty(), "one of its messages was touched");
    queue.delete(&first[1]).await.expect("the server does it");
    assert_eq!(bodies(&attempt("a").await), ["three"]);
}
