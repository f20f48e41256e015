//! Deduplication: for five minutes a FIFO queue accepts each deduplication id once.

use crate::sqs::queue::{bodies, system};
use crate::sqs::target::{Target, code};

#[tokio::test]
async fn a_duplicate_gets_the_first_answer_and_is_not_delivered() {
    let queue = Target::given().await.fifo(&[]).await;
    let sending = |body: &str| queue.sending(body).message_group_id("group").message_deduplication_id("id");
    let first = sending("hello").send().await.expect("the server answers");
    let second = sending("hello again").send().await.expect("the server answers");
    assert_eq!(second.message_id, first.message_id);
    assert_eq!(second.sequence_number, first.sequence_number);
    assert_ne!(second.md5_of_message_body, first.md5_of_message_body, "the digest is of what was sent now");
    assert_eq!(bodies(&queue.receive(10).await), ["hello"]);
}

#[tokio::test]
async fn a_duplicate_of_a_deleted_message_is_not_delivered() {
    let queue = Target::given().await.fifo(&[]).await;
    let first = queue.send_to("group", "hello").await;
    queue.delete(&queue.receive_one().await).await.expect("the server does it");
    let second = queue.send_to("group", "hello").await;
    assert_eq!(second.message_id, first.message_id);
    assert!(queue.receive(10).await.is_empty());
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn by_default_a_deduplication_id_applies_to_the_whole_queue() {
    let queue = Target::given().await.fifo(&[]).await;
    let first = queue.send_to("a", "hello").await;
    let second = queue.send_to("b", "hello").await;
    assert_eq!(second.message_id, first.message_id);
    assert_eq!(queue.receive_all(1).await.len(), 1);
}

#[tokio::test]
async fn with_group_scope_a_deduplication_id_applies_to_its_group() {
    let queue = Target::given().await.fifo(&[("DeduplicationScope", "messageGroup")]).await;
    let first = queue.send_to("a", "hello").await;
    let second = queue.send_to("b", "hello").await;
    let third = queue.send_to("b", "hello").await;
    assert_ne!(second.message_id, first.message_id);
    assert_eq!(third.message_id, second.message_id);
    assert_eq!(bodies(&queue.receive(10).await), ["hello", "hello"]);
}

#[tokio::test]
async fn with_content_based_deduplication_the_body_is_the_id() {
    let queue = Target::given().await.fifo(&[("ContentBasedDeduplication", "true")]).await;
    let sending = |body: &str| queue.sending(body).message_group_id("group");
    let first = sending("hello").send().await.expect("the server answers");
    let second = sending("hello").send().await.expect("the server answers");
    let third = sending("bye").send().await.expect("the server answers");
    assert_eq!(second.message_id, first.message_id);
    assert_ne!(third.message_id, first.message_id);
    let received = queue.receive(10).await;
    assert_eq!(bodies(&received), ["hello", "bye"]);
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(system(&received[0], "MessageDeduplicationId"), digest);
}

#[tokio::test]
async fn a_deduplication_id_takes_precedence_over_the_content() {
    let queue = Target::given().await.fifo(&[("ContentBasedDeduplication", "true")]).await;
    for id in ["1", "2"] {
        let request = queue.sending("hello").message_group_id("group");
        request.message_deduplication_id(id).send().await.expect("the server answers");
    }
    assert_eq!(bodies(&queue.receive(10).await), ["hello", "hello"]);
}

#[tokio::test]
async fn without_content_based_deduplication_a_message_needs_an_id() {
    let queue = Target::given().await.fifo(&[]).await;
    let refused = queue.sending("hello").message_group_id("group").send().await.expect_err("the server refuses");
    assert_eq!(code(&refused), "InvalidParameterValue");
}
