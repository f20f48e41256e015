//! A long poll waits for messages and gives them as soon as they are there.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use crate::sqs::queue::bodies;
use crate::sqs::target::Target;

/// Well below the twenty seconds that the polls here would wait.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_long_poll_gives_a_message_as_soon_as_it_is_sent() {
    let queue = Target::given().await.standard(&[]).await;
    let begin = Instant::now();
    for body in ["one", "two", "three", "four", "five"] {
        let (received, _) = tokio::join!(queue.receive_for(1, 20, None), queue.send(body));
        assert_eq!(bodies(&received), [body]);
    }
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_long_poll_gives_a_message_as_soon_as_it_is_visible_again() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    queue.send("hello").await;
    queue.receive_for(1, 5, Some(2)).await;
    let begin = Instant::now();
    let (received, ()) = tokio::join!(queue.receive_for(1, 20, None), async {
        queue.counts().await;
        target.pass(Duration::from_secs(2));
    });
    assert_eq!(bodies(&received), ["hello"]);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_long_poll_gives_a_groups_next_message_as_soon_as_the_first_is_deleted() {
    let queue = Target::given().await.fifo(&[]).await;
    queue.send_to("group", "one").await;
    queue.send_to("group", "two").await;
    let first = queue.receive(1).await;
    let begin = Instant::now();
    let (received, deleted) = tokio::join!(queue.receive_for(1, 20, None), queue.delete(&first[0]));
    deleted.expect("the handle is fresh");
    assert_eq!(bodies(&received), ["two"]);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_receive_waits_as_long_as_its_queue_says_if_it_does_not_say_itself() {
    let queue = Target::given().await.standard(&[("ReceiveMessageWaitTimeSeconds", "20")]).await;
    let receiving = queue.client.receive_message().queue_url(&queue.url).send();
    let (output, _) = tokio::join!(receiving, queue.send("hello"));
    assert_eq!(bodies(&output.expect("the server answers").messages.expect("the answer has it")), ["hello"]);
    let begin = Instant::now();
    assert!(queue.receive(1).await.is_empty());
    assert!(begin.elapsed() < SOON, "a receive that says nought does not wait");
}

#[tokio::test]
async fn a_long_poll_ends_without_messages_when_its_time_is_over() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    let begin = Instant::now();
    assert!(queue.receive_for(1, 1, None).await.is_empty());
    assert!(begin.elapsed() >= Duration::from_millis(900), "it waited");
}

#[tokio::test]
async fn of_many_long_polls_each_gets_another_message() {
    let queue = Target::given().await.standard(&[]).await;
    let entries = (0..4).map(|index| {
        let entry = SendMessageBatchRequestEntry::builder().id(index.to_string());
        entry.message_body(index.to_string()).build().expect("it is complete")
    });
    let sending = queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries.collect()));
    let begin = Instant::now();
    let poll = || queue.receive_for(1, 20, None);
    let (a, b, c, d, sent) = tokio::join!(poll(), poll(), poll(), poll(), sending.send());
    assert_eq!(sent.expect("the server answers").successful.len(), 4);
    let mut received: Vec<&str> = [&a, &b, &c, &d].into_iter().flat_map(|messages| bodies(messages)).collect();
    received.sort_unstable();
    assert_eq!(received, ["0", "1", "2", "3"]);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}
