//! Long polls return messages as soon as they are available.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use crate::sqs::queue::bodies;
use crate::sqs::target::Target;

/// How long the polls here wait at most, in seconds. One that ends sooner was woken.
const WAIT: i32 = 20;

fn assert_woken(begin: Instant) {
    let wait = Duration::from_secs(WAIT.unsigned_abs().into());
    assert!(begin.elapsed() < wait, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_long_poll_returns_a_message_as_soon_as_it_is_sent() {
    let queue = Target::given().await.standard(&[]).await;
    for body in ["one", "two", "three", "four", "five"] {
        let begin = Instant::now();
        let (received, _) = tokio::join!(queue.receive_for(1, WAIT, None), queue.send(body));
        assert_eq!(bodies(&received), [body]);
        assert_woken(begin);
    }
}

#[tokio::test]
async fn a_long_poll_returns_a_message_as_soon_as_it_is_visible_again() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    queue.send("hello").await;
    queue.receive_for(1, 5, Some(2)).await;
    let begin = Instant::now();
    let (received, ()) = tokio::join!(queue.receive_for(1, WAIT, None), async {
        queue.counts().await;
        target.pass(Duration::from_secs(2));
    });
    assert_eq!(bodies(&received), ["hello"]);
    assert_woken(begin);
}

#[tokio::test]
async fn a_long_poll_returns_a_groups_next_message_when_the_first_is_deleted() {
    let queue = Target::given().await.fifo(&[]).await;
    queue.send_to("group", "one").await;
    queue.send_to("group", "two").await;
    let first = queue.receive(1).await;
    let begin = Instant::now();
    let (received, deleted) = tokio::join!(queue.receive_for(1, WAIT, None), queue.delete(&first[0]));
    deleted.expect("the handle is fresh");
    assert_eq!(bodies(&received), ["two"]);
    assert_woken(begin);
}

#[tokio::test]
async fn a_receive_without_a_wait_time_uses_that_of_the_queue() {
    let queue = Target::given().await.standard(&[("ReceiveMessageWaitTimeSeconds", &WAIT.to_string())]).await;
    let receiving = queue.client.receive_message().queue_url(&queue.url).send();
    let (output, _) = tokio::join!(receiving, queue.send("hello"));
    assert_eq!(bodies(&output.expect("the server answers").messages.expect("the answer has it")), ["hello"]);
    let begin = Instant::now();
    assert!(queue.receive(1).await.is_empty());
    assert_woken(begin); // a receive without a wait time ends at once
}

#[tokio::test]
async fn a_long_poll_returns_nothing_when_its_wait_time_is_over() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    let begin = Instant::now();
    assert!(queue.receive_for(1, 1, None).await.is_empty());
    assert!(begin.elapsed() >= Duration::from_millis(900), "it waited");
}

#[tokio::test]
async fn concurrent_long_polls_each_get_another_message() {
    let queue = Target::given().await.standard(&[]).await;
    let entries = (0..4).map(|index| {
        let entry = SendMessageBatchRequestEntry::builder().id(index.to_string());
        entry.message_body(index.to_string()).build().expect("it is complete")
    });
    let sending = queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries.collect()));
    let begin = Instant::now();
    let poll = || queue.receive_for(1, WAIT, None);
    let (a, b, c, d, sent) = tokio::join!(poll(), poll(), poll(), poll(), sending.send());
    assert_eq!(sent.expect("the server answers").successful.len(), 4);
    let mut received: Vec<&str> = [&a, &b, &c, &d].into_iter().flat_map(|messages| bodies(messages)).collect();
    received.sort_unstable();
    assert_eq!(received, ["0", "1", "2", "3"]);
    assert_woken(begin);
}
