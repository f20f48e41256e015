//! A received message is hidden for a time, which its receiver can change.

use crate::sqs::queue::{bodies, system};
use crate::sqs::target::Target;

#[tokio::test]
async fn a_received_message_is_hidden_until_its_visibility_timeout() {
    let target = Target::given().await;
    let queue = target.standard(&[("VisibilityTimeout", &target.span(2).to_string())]).await;
    queue.send("hello").await;
    let first = queue.receive_one().await;
    assert!(queue.receive(1).await.is_empty());
    target.pass_span(2);
    let second = queue.receive_one().await;
    assert_eq!(second.message_id, first.message_id);
    assert_ne!(second.receipt_handle, first.receipt_handle);
}

#[tokio::test]
async fn a_receives_visibility_timeout_overrides_that_of_the_queue() {
    let target = Target::given().await;
    let queue = target.standard(&[("VisibilityTimeout", "40000")]).await;
    queue.send("hello").await;
    queue.receive_for(1, 5, Some(target.span(1))).await;
    assert!(queue.receive(1).await.is_empty());
    target.pass_span(1);
    assert_eq!(queue.receive_one().await.body(), Some("hello"));
}

#[tokio::test]
async fn a_visibility_timeout_of_zero_leaves_a_message_visible() {
    let queue = Target::given().await.standard(&[]).await;
    queue.send("hello").await;
    for count in 1..=3 {
        let received = queue.receive_for(1, 5, Some(0)).await;
        assert_eq!(system(&received[0], "ApproximateReceiveCount"), count.to_string());
    }
}

#[tokio::test]
async fn a_changed_visibility_timeout_keeps_a_message_hidden() {
    let target = Target::given().await;
    let queue = target.standard(&[("VisibilityTimeout", &target.span(2).to_string())]).await;
    queue.send("hello").await;
    let message = queue.receive_one().await;
    queue.change_visibility(&message, 40_000).await.expect("the server does it");
    target.pass_span(3);
    assert!(queue.receive_for(1, 3, None).await.is_empty());
    queue.delete(&message).await.expect("the server does it");
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn a_message_is_visible_at_once_when_its_timeout_is_set_to_zero() {
    let queue = Target::given().await.standard(&[]).await;
    queue.send("hello").await;
    queue.change_visibility(&queue.receive_one().await, 0).await.expect("the server does it");
    assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
    assert!(queue.receive(1).await.is_empty(), "the change holds for one receive alone");
}

#[tokio::test]
async fn an_invalid_receipt_handle_is_refused() {
    let queue = Target::given().await.standard(&[]).await;
    queue.send("hello").await;
    let mut message = queue.receive_one().await;
    message.receipt_handle = Some("nonsense".into());
    assert_eq!(queue.delete(&message).await.expect_err("the server refuses"), "ReceiptHandleIsInvalid");
    assert_eq!(queue.change_visibility(&message, 1).await.expect_err("the server refuses"), "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn a_receipt_handle_of_another_queue_is_refused() {
    let target = Target::given().await;
    let (queue, other) = (target.standard(&[]).await, target.standard(&[]).await);
    queue.send("hello").await;
    other.send("hello").await;
    let message = other.receive_one().await;
    assert_eq!(queue.delete(&message).await.expect_err("the server refuses"), "ReceiptHandleIsInvalid");
    assert_eq!(queue.counts().await, ["1", "0", "0"]);
}

#[tokio::test]
async fn a_handle_from_before_a_purge_does_not_delete_a_later_message() {
    let queue = Target::given().await.standard(&[]).await;
    queue.send("before").await;
    let message = queue.receive_one().await;
    queue.client.purge_queue().queue_url(&queue.url).send().await.expect("the server answers");
    queue.send("after").await;
    drop(queue.delete(&message).await); // refused or not: the message is gone
    assert_eq!(queue.receive_one().await.body(), Some("after"));
}
