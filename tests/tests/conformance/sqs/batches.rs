//! Batches: up to ten entries, each with an outcome of its own.

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry as Change, DeleteMessageBatchRequestEntry as Delete, Message,
    SendMessageBatchRequestEntry as Send,
};

use crate::sqs::queue::{Queue, bodies};
use crate::sqs::target::{Target, code};

fn entry(id: &str, body: &str) -> Send {
    Send::builder().id(id).message_body(body).build().expect("it is complete")
}

async fn refused(queue: &Queue, entries: Vec<Send>) -> String {
    let request = queue.client.send_message_batch().queue_url(&queue.url);
    code(&request.set_entries(Some(entries)).send().await.expect_err("the server refuses"))
}

#[tokio::test]
async fn a_batch_of_ten_is_sent_received_and_deleted() {
    let queue = Target::given().await.standard(&[]).await;
    let entries = (0..10).map(|index| entry(&format!("id-{index}"), &format!("body-{index}")));
    let request = queue.client.send_message_batch().queue_url(&queue.url);
    let sent = request.set_entries(Some(entries.collect())).send().await.expect("the server answers");
    let ids: Vec<_> = sent.successful.iter().map(|entry| entry.id.clone()).collect();
    assert_eq!(ids, (0..10).map(|index| format!("id-{index}")).collect::<Vec<_>>());
    assert!(sent.failed.is_empty());
    let received = queue.receive_all(10).await;
    let received_ids: Vec<_> = received.iter().filter_map(Message::message_id).collect();
    let sent_ids: Vec<_> = sent.successful.iter().map(|entry| entry.message_id()).collect();
    assert_eq!(received_ids, sent_ids);
    let entries = received.iter().enumerate().map(|(index, message)| {
        Delete::builder()
            .id(index.to_string())
            .set_receipt_handle(message.receipt_handle.clone())
            .build()
            .expect("it is complete")
    });
    let request = queue.client.delete_message_batch().queue_url(&queue.url);
    let deleted = request.set_entries(Some(entries.collect())).send().await.expect("the server answers");
    assert_eq!((deleted.successful.len(), deleted.failed.len()), (10, 0));
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn one_invalid_entry_of_a_batch_fails_alone() {
    let queue = Target::given().await.standard(&[]).await;
    let request = queue.client.send_message_batch().queue_url(&queue.url);
    let request = request.entries(entry("good", "hello")).entries(entry("bad", "bell \u{7}"));
    let sent = request.send().await.expect("the server answers");
    assert_eq!(sent.successful[0].id, "good");
    assert_eq!((sent.failed[0].id(), sent.failed[0].code()), ("bad", "InvalidMessageContents"));
    assert!(sent.failed[0].sender_fault);
    assert_eq!((sent.successful.len(), sent.failed.len()), (1, 1));
    assert_eq!(bodies(&queue.receive_all(1).await), ["hello"]);
}

#[tokio::test]
async fn an_invalid_batch_is_refused_as_a_whole() {
    let queue = Target::given().await.standard(&[]).await;
    let eleven = (0..11).map(|index| entry(&index.to_string(), "hello")).collect();
    let prefix = "AWS.SimpleQueueService.";
    for (entries, expected) in [
        (vec![], "EmptyBatchRequest"),
        (eleven, "TooManyEntriesInBatchRequest"),
        (vec![entry("same", "one"), entry("same", "two")], "BatchEntryIdsNotDistinct"),
        (vec![entry("not an id", "hello")], "InvalidBatchEntryId"),
        (vec![entry(&"long".repeat(21), "hello")], "InvalidBatchEntryId"),
    ] {
        assert_eq!(refused(&queue, entries).await, format!("{prefix}{expected}"));
    }
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn a_batch_of_more_than_one_mebibyte_is_refused_as_a_whole() {
    let queue = Target::given().await.standard(&[]).await;
    let half = "x".repeat(524_288);
    let entries = vec![entry("one", &half), entry("two", &half), entry("three", "x")];
    assert_eq!(refused(&queue, entries).await, "AWS.SimpleQueueService.BatchRequestTooLong");
    let request = queue.client.send_message_batch().queue_url(&queue.url);
    let sent =
        request.entries(entry("one", &half)).entries(entry("two", &half)).send().await.expect("the server does it");
    assert_eq!(sent.successful.len(), 2);
}

#[tokio::test]
async fn a_batch_keeps_its_order_in_a_group() {
    let queue = Target::given().await.fifo(&[("ContentBasedDeduplication", "true")]).await;
    let entries = (0..10).map(|index| {
        let entry = Send::builder().id(format!("id-{index}")).message_body(index.to_string());
        entry.message_group_id("group").build().expect("it is complete")
    });
    let request = queue.client.send_message_batch().queue_url(&queue.url);
    let sent = request.set_entries(Some(entries.collect())).send().await.expect("the server answers");
    let numbers: Vec<_> =
        sent.successful.iter().map(|entry| entry.sequence_number.clone().expect("the answer has it")).collect();
    assert!(numbers.is_sorted());
    let expected: Vec<String> = (0..10).map(|index| index.to_string()).collect();
    assert_eq!(bodies(&queue.receive(10).await), expected);
}

#[tokio::test]
async fn in_a_visibility_batch_an_invalid_handle_fails_alone() {
    let queue = Target::given().await.standard(&[]).await;
    queue.send("hello").await;
    let message = queue.receive_one().await;
    let change = |id: &str, handle: &str| {
        Change::builder().id(id).receipt_handle(handle).visibility_timeout(0).build().expect("it is complete")
    };
    let request = queue.client.change_message_visibility_batch().queue_url(&queue.url);
    let request = request.entries(change("good", message.receipt_handle().expect("the answer has it")));
    let changed = request.entries(change("bad", "nonsense")).send().await.expect("the server answers");
    assert_eq!(changed.successful[0].id(), "good");
    assert_eq!((changed.failed[0].id(), changed.failed[0].code()), ("bad", "ReceiptHandleIsInvalid"));
    assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
}

#[tokio::test]
async fn in_a_delete_batch_an_invalid_handle_fails_alone() {
    let queue = Target::given().await.standard(&[]).await;
    queue.send("hello").await;
    let message = queue.receive_one().await;
    let delete =
        |id: &str, handle: &str| Delete::builder().id(id).receipt_handle(handle).build().expect("it is complete");
    let request = queue.client.delete_message_batch().queue_url(&queue.url);
    let request = request.entries(delete("bad", "nonsense"));
    let deleted = request
        .entries(delete("good", message.receipt_handle().expect("the answer has it")))
        .send()
        .await
        .expect("the server does it");
    assert_eq!(deleted.successful[0].id(), "good");
    assert_eq!((deleted.failed[0].id(), deleted.failed[0].code()), ("bad", "ReceiptHandleIsInvalid"));
}
