//! Receipt handles that are no longer the latest, or of messages that are gone.

use std::time::Duration;

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry as Change, DeleteMessageBatchRequestEntry as Delete,
};

use crate::sqs::queue::{Queue, bodies};
use crate::sqs::target::Target;

/// A standard and a FIFO queue, each with a message.
async fn queues_with_a_message(target: &Target) -> [Queue; 2] {
    let queues = [target.standard(&[]).await, target.fifo(&[]).await];
    queues[0].send("hello").await;
    queues[1].send_to("group", "hello").await;
    queues
}

// ministack deletes.
#[tokio::test]
async fn an_expired_handle_of_a_fifo_queue_deletes_nothing() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[("VisibilityTimeout", "600")]).await;
    queue.send_to("group", "hello").await;
    let message = queue.receive_one().await;
    target.pass(Duration::from_secs(600));
    assert_eq!(queue.delete(&message).await.expect_err("the server refuses"), "InvalidParameterValue");
    assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
}

// ministack says ReceiptHandleIsInvalid.
#[tokio::test]
async fn only_the_latest_handle_of_a_fifo_message_is_valid() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[("VisibilityTimeout", "600")]).await;
    queue.send_to("group", "hello").await;
    let first = queue.receive_one().await;
    target.pass(Duration::from_secs(600));
    let second = queue.receive_one().await;
    assert_eq!(queue.delete(&first).await.expect_err("the server refuses"), "InvalidParameterValue");
    assert_eq!(queue.change_visibility(&first, 0).await.expect_err("the server refuses"), "InvalidParameterValue");
    assert_eq!(queue.counts().await, ["0", "1", "0"]);
    queue.delete(&second).await.expect("the server does it");
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

// ministack accepts the latest handle only.
#[tokio::test]
async fn an_old_handle_of_a_standard_queue_is_still_valid() {
    let target = Target::embedded().await;
    let queue = target.standard(&[("VisibilityTimeout", "600")]).await;
    queue.send("hello").await;
    let first = queue.receive_one().await;
    target.pass(Duration::from_secs(600));
    queue.receive_one().await;
    queue.change_visibility(&first, 0).await.expect("the server does it");
    assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
    queue.delete(&first).await.expect("the server does it");
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

// ministack treats the handle of a deleted message as invalid.
#[tokio::test]
async fn a_deleted_message_can_be_deleted_again_but_not_hidden() {
    let target = Target::embedded().await;
    for queue in queues_with_a_message(&target).await {
        let message = queue.receive_one().await;
        queue.delete(&message).await.expect("the server does it");
        queue.delete(&message).await.expect("the server does it");
        assert_eq!(
            queue.change_visibility(&message, 10).await.expect_err("the server refuses"),
            "InvalidParameterValue"
        );
    }
}

// ministack hides it again.
#[tokio::test]
async fn a_visible_message_cannot_be_hidden_by_its_old_handle() {
    let target = Target::embedded().await;
    for queue in queues_with_a_message(&target).await {
        let message = queue.receive_one().await;
        target.pass(Duration::from_secs(30));
        let refused = queue.change_visibility(&message, 10).await;
        assert_eq!(refused.expect_err("it is refused"), "AWS.SimpleQueueService.MessageNotInflight");
        assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
    }
}

// ministack accepts old handles as long as the message exists.
#[tokio::test]
async fn an_expired_handle_fails_alone_in_a_batch() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[]).await;
    queue.send_to("group", "hello").await;
    let message = queue.receive_one().await;
    let handle = message.receipt_handle().expect("the answer has it");
    target.pass(Duration::from_secs(30));
    let request = queue.client.delete_message_batch().queue_url(&queue.url);
    let entry = Delete::builder().id("late").receipt_handle(handle).build().expect("it is complete");
    let deleted = request.entries(entry).send().await.expect("the server answers");
    assert_eq!((deleted.failed[0].id(), deleted.failed[0].code()), ("late", "ReceiptHandleIsInvalid"));
    let request = queue.client.change_message_visibility_batch().queue_url(&queue.url);
    let entry =
        Change::builder().id("late").receipt_handle(handle).visibility_timeout(9).build().expect("it is complete");
    let changed = request.entries(entry).send().await.expect("the server answers");
    assert_eq!(changed.failed[0].code(), "AWS.SimpleQueueService.MessageNotInflight");
    assert_eq!(queue.counts().await, ["1", "0", "0"]);
}
