//! Queues and attributes that SQS refuses. ministack accepts all of them, or answers with another error code.

use crate::sqs::target::{Target, code, unique_name};

const WRONG_VALUE: &str = "InvalidParameterValue";

#[tokio::test]
async fn a_queue_name_has_letters_digits_hyphens_and_underscores() {
    let target = Target::embedded().await;
    for name in ["", "with space", "dot.dot", "slash/slash", &"long".repeat(21)] {
        assert_eq!(target.create(name, &[]).await.expect_err("the server refuses"), WRONG_VALUE, "{name}");
    }
    target.create(&"long".repeat(20), &[]).await.expect("the server does it");
}

#[tokio::test]
async fn a_standard_queue_cannot_have_the_suffix_of_fifo_queues() {
    let target = Target::embedded().await;
    let refused = target.create(&format!("{}.fifo", unique_name()), &[]).await;
    assert_eq!(refused.expect_err("it is refused"), WRONG_VALUE);
}

#[tokio::test]
async fn unknown_and_read_only_queue_attributes_are_refused() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    for (name, value) in [
        ("Colour", "blue"),
        ("QueueArn", "arn"),
        ("ApproximateNumberOfMessages", "3"),
        ("ContentBasedDeduplication", "true"),
        ("FifoQueue", "false"),
    ] {
        assert_eq!(
            queue.set(&[(name, value)]).await.expect_err("the server refuses"),
            "InvalidAttributeName",
            "{name}"
        );
    }
    let request = queue.client.get_queue_attributes().queue_url(&queue.url);
    let refused = request.attribute_names("Colour".into()).send().await.expect_err("the server refuses");
    assert_eq!(code(&refused), "InvalidAttributeName");
}

#[tokio::test]
async fn a_throughput_limit_per_group_needs_deduplication_per_group() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[]).await;
    let limit = ("FifoThroughputLimit", "perMessageGroupId");
    assert_eq!(queue.set(&[limit]).await.expect_err("the server refuses"), "InvalidAttributeValue");
    queue.set(&[limit, ("DeduplicationScope", "messageGroup")]).await.expect("the server does it");
    let back = queue.set(&[("DeduplicationScope", "queue")]).await;
    assert_eq!(back.expect_err("it is refused"), "InvalidAttributeValue");
}

#[tokio::test]
async fn a_dead_letter_queue_must_exist_and_have_the_same_type() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    let of_fifo = target.fifo(&[]).await.as_dead_letter_queue(3).await;
    let missing = queue.as_dead_letter_queue(3).await.replace("\", ", "-missing\", ");
    for policy in [of_fifo, missing, "three times".to_owned()] {
        assert_eq!(
            queue.set(&[("RedrivePolicy", &policy)]).await.expect_err("the server refuses"),
            WRONG_VALUE,
            "{policy}"
        );
    }
}

#[tokio::test]
async fn an_invalid_redrive_allow_policy_is_refused() {
    let queue = Target::embedded().await.standard(&[]).await;
    for policy in ["yes", r#"{"redrivePermission": "some"}"#, r#"{"redrivePermission": "byQueue"}"#] {
        let refused = queue.set(&[("RedriveAllowPolicy", policy)]).await;
        assert_eq!(refused.expect_err("it is refused"), "InvalidAttributeValue", "{policy}");
    }
}
