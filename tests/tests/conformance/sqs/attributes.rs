//! The attributes of queues: defaults, limits, changes and counts.

use aws_sdk_sqs::types::QueueAttributeName;

use crate::sqs::target::{Target, unique_name};

#[tokio::test]
async fn a_queue_has_the_defaults_that_aws_documents() {
    let queue = Target::given().await.standard(&[]).await;
    for (name, value) in [
        ("DelaySeconds", "0"),
        ("MaximumMessageSize", "1048576"),
        ("MessageRetentionPeriod", "345600"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("VisibilityTimeout", "30"),
        ("ApproximateNumberOfMessages", "0"),
    ] {
        assert_eq!(queue.attribute(name).await, value, "{name}");
    }
}

#[tokio::test]
async fn a_fifo_queue_has_the_fifo_attributes() {
    let queue = Target::given().await.fifo(&[]).await;
    assert_eq!(queue.attribute("FifoQueue").await, "true");
    assert_eq!(queue.attribute("ContentBasedDeduplication").await, "false");
}

#[tokio::test]
async fn an_arn_names_the_region_the_account_and_the_queue() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    let name = queue.url.rsplit('/').next().expect("a URL has a path");
    let arn = queue.attribute("QueueArn").await;
    assert_eq!(arn, format!("arn:aws:sqs:us-east-1:000000000000:{name}"));
}

#[tokio::test]
async fn all_attributes_are_returned_with_created_and_modified_timestamps() {
    let queue = Target::given().await.standard(&[]).await;
    let request = queue.client.get_queue_attributes().queue_url(&queue.url);
    let output = request.attribute_names(QueueAttributeName::All).send().await.expect("the server answers");
    let attributes = output.attributes.expect("the answer has it");
    let time = |name| attributes[&name].parse::<i64>().expect("it is a number");
    let created = time(QueueAttributeName::CreatedTimestamp);
    assert!(created > 1_600_000_000 && created < 100_000_000_000, "in seconds: {created}");
    assert_eq!(time(QueueAttributeName::LastModifiedTimestamp), created);
    assert!(attributes.contains_key(&QueueAttributeName::QueueArn));
    assert!(attributes.contains_key(&QueueAttributeName::VisibilityTimeout));
}

/// Each number with its least and greatest value.
const LIMITS: [(&str, u32, u32); 5] = [
    ("DelaySeconds", 0, 900),
    ("MaximumMessageSize", 1024, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ("VisibilityTimeout", 0, 43_200),
];

#[tokio::test]
async fn numeric_attributes_within_their_limits_are_accepted() {
    let queue = Target::given().await.standard(&[]).await;
    for (name, least, greatest) in LIMITS {
        for value in [least, greatest] {
            queue.set(&[(name, &value.to_string())]).await.expect("the server does it");
            assert_eq!(queue.attribute(name).await, value.to_string(), "{name}");
        }
    }
}

#[tokio::test]
async fn numeric_attributes_beyond_their_limits_are_refused() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    for (name, least, greatest) in LIMITS {
        let before = queue.attribute(name).await;
        for value in [i64::from(least) - 1, i64::from(greatest) + 1] {
            let value = value.to_string();
            assert_eq!(
                queue.set(&[(name, &value)]).await.expect_err("the server refuses"),
                "InvalidAttributeValue",
                "{name} {value}"
            );
            let created = target.create(&unique_name(), &[(name, &value)]).await;
            assert_eq!(created.expect_err("it is refused"), "InvalidAttributeValue", "{name} {value}");
        }
        assert_eq!(queue.attribute(name).await, before, "{name}");
    }
}

#[tokio::test]
async fn a_numeric_attribute_that_is_no_number_is_refused() {
    let queue = Target::given().await.standard(&[]).await;
    let refused = queue.set(&[("VisibilityTimeout", "soon")]).await;
    assert_eq!(refused.expect_err("it is refused"), "InvalidAttributeValue");
}

#[tokio::test]
async fn an_empty_redrive_policy_removes_the_policy() {
    let target = Target::given().await;
    let dead_letters = target.standard(&[]).await;
    let policy = dead_letters.as_dead_letter_queue(3).await;
    let queue = target.standard(&[("RedrivePolicy", &policy)]).await;
    assert_eq!(queue.attribute("RedrivePolicy").await, policy);
    queue.set(&[("RedrivePolicy", "")]).await.expect("the server does it");
    assert_eq!(queue.attribute("RedrivePolicy").await, "");
}

#[tokio::test]
async fn a_redrive_allow_policy_is_stored() {
    let queue = Target::given().await.standard(&[]).await;
    let policy = r#"{"redrivePermission": "denyAll"}"#;
    queue.set(&[("RedriveAllowPolicy", policy)]).await.expect("the server does it");
    assert_eq!(queue.attribute("RedriveAllowPolicy").await, policy);
}

#[tokio::test]
async fn high_throughput_fifo_attributes_are_stored() {
    let attributes = [("DeduplicationScope", "messageGroup"), ("FifoThroughputLimit", "perMessageGroupId")];
    let queue = Target::given().await.fifo(&attributes).await;
    for (name, value) in attributes {
        assert_eq!(queue.attribute(name).await, value);
    }
}

#[tokio::test]
async fn visible_in_flight_and_delayed_messages_are_counted() {
    let queue = Target::given().await.standard(&[]).await;
    for body in ["one", "two", "three"] {
        queue.send(body).await;
    }
    queue.sending("delayed").delay_seconds(900).send().await.expect("the server answers");
    let received = queue.receive_for(1, 5, None).await;
    assert_eq!(queue.counts().await, ["2", "1", "1"]);
    queue.delete(&received[0]).await.expect("the server does it");
    assert_eq!(queue.counts().await, ["2", "0", "1"]);
}
