//! Messages and receives that SQS refuses. ministack accepts all of it, or answers with another error code.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};

use crate::sqs::queue::Queue;
use crate::sqs::target::{Target, code};

const WRONG_VALUE: &str = "InvalidParameterValue";

async fn refused(queue: &Queue, name: &str, value: MessageAttributeValue) -> String {
    code(&queue.sending("hello").message_attributes(name, value).send().await.expect_err("the server refuses"))
}

fn attribute(data_type: &str, value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type(data_type).string_value(value).build().expect("it is complete")
}

#[tokio::test]
async fn numeric_parameters_of_requests_have_limits() {
    let queue = Target::embedded().await.standard(&[]).await;
    for delay in [-1, 901] {
        let error = queue.sending("hello").delay_seconds(delay).send().await.expect_err("the server refuses");
        assert_eq!(code(&error), WRONG_VALUE, "{delay}");
    }
    for wait in [-1, 21] {
        let request = queue.client.receive_message().queue_url(&queue.url);
        let error = request.wait_time_seconds(wait).send().await.expect_err("the server refuses");
        assert_eq!(code(&error), WRONG_VALUE, "{wait}");
    }
    queue.send("hello").await;
    let message = queue.receive_one().await;
    for visibility in [-1, 43_201] {
        let request = queue.client.receive_message().queue_url(&queue.url);
        let error = request.visibility_timeout(visibility).send().await.expect_err("the server refuses");
        assert_eq!(code(&error), WRONG_VALUE, "{visibility}");
        assert_eq!(queue.change_visibility(&message, visibility).await.expect_err("the server refuses"), WRONG_VALUE);
    }
}

#[tokio::test]
async fn group_and_deduplication_ids_have_1_to_128_printable_characters() {
    let queue = Target::embedded().await.fifo(&[]).await;
    for id in ["", "with space", "ümlaut", &"x".repeat(129)] {
        let group = queue.sending("hello").message_group_id(id).message_deduplication_id("id");
        assert_eq!(code(&group.send().await.expect_err("the server refuses")), WRONG_VALUE, "{id}");
        let deduplication = queue.sending("hello").message_group_id("group").message_deduplication_id(id);
        assert_eq!(code(&deduplication.send().await.expect_err("the server refuses")), WRONG_VALUE, "{id}");
    }
    queue.send_to("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", &"x".repeat(128)).await;
}

#[tokio::test]
async fn fifo_parameters_are_refused_on_a_standard_queue() {
    let queue = Target::embedded().await.standard(&[]).await;
    let error = queue.sending("hello").message_deduplication_id("id").send().await.expect_err("the server refuses");
    assert_eq!(code(&error), WRONG_VALUE);
    let request = queue.client.receive_message().queue_url(&queue.url).receive_request_attempt_id("id");
    assert_eq!(code(&request.send().await.expect_err("the server refuses")), WRONG_VALUE);
}

#[tokio::test]
async fn a_fifo_batch_with_an_entry_without_a_group_or_id_is_refused() {
    let queue = Target::embedded().await.fifo(&[]).await;
    let entry = |id: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(id);
    let good = entry("good").message_group_id("group").message_deduplication_id("id").build().expect("it is complete");
    let without_group = entry("bad").message_deduplication_id("other").build().expect("it is complete");
    let without_id = entry("bad").message_group_id("group").build().expect("it is complete");
    for (bad, expected) in [(without_group, "MissingParameter"), (without_id, WRONG_VALUE)] {
        let request = queue.client.send_message_batch().queue_url(&queue.url);
        let refused = request.entries(good.clone()).entries(bad).send().await.expect_err("the server refuses");
        assert_eq!(code(&refused), expected);
    }
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn an_invalid_message_attribute_name_is_refused() {
    let queue = Target::embedded().await.standard(&[]).await;
    for name in ["", ".begin", "end.", "do..ts", "AWS.name", "amazon.name", "with space", &"x".repeat(257)] {
        assert_eq!(refused(&queue, name, attribute("String", "value")).await, WRONG_VALUE, "{name}");
    }
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn invalid_or_too_many_message_attributes_are_refused() {
    let queue = Target::embedded().await.standard(&[]).await;
    for (data_type, value) in [("Text", "value"), ("String", ""), ("Number", "three"), ("String", "\u{7}")] {
        assert_eq!(refused(&queue, "name", attribute(data_type, value)).await, WRONG_VALUE, "{data_type} {value}");
    }
    let empty = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([]));
    assert_eq!(refused(&queue, "name", empty.build().expect("it is complete")).await, WRONG_VALUE);
    let mut request = queue.sending("hello");
    for index in 0..11 {
        request = request.message_attributes(format!("name-{index}"), attribute("String", "value"));
    }
    assert_eq!(code(&request.send().await.expect_err("the server refuses")), WRONG_VALUE);
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn message_attributes_count_towards_the_message_size() {
    let queue = Target::embedded().await.standard(&[("MaximumMessageSize", "1024")]).await;
    let sending = |size: usize| queue.sending(&"x".repeat(size)).message_attributes("name", attribute("String", "12"));
    assert_eq!(code(&sending(1013).send().await.expect_err("the server refuses")), WRONG_VALUE);
    sending(1012).send().await.expect("the server answers");
}
