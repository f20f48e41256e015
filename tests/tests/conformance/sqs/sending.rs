//! Messages are sent to standard queues and received as they were sent.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue};

use crate::sqs::queue::{bodies, system};
use crate::sqs::target::{Target, code};

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().expect("it is complete")
}

#[tokio::test]
async fn a_message_is_received_as_it_was_sent() {
    let queue = Target::given().await.standard(&[]).await;
    let sent = queue.send("grüße,\n\"world\" 🐦").await;
    let message = queue.receive_one().await;
    assert_eq!(message.body(), Some("grüße,\n\"world\" 🐦"));
    assert_eq!(message.message_id, sent.message_id);
    assert_eq!(message.md5_of_body, sent.md5_of_message_body);
    assert_eq!(message.md5_of_body(), Some("d879d179f15b5171bdf0a9884f5fa4bd"));
    assert_eq!(sent.sequence_number, None);
}

#[tokio::test]
async fn a_deleted_message_is_not_received_again() {
    let target = Target::given().await;
    let queue = target.standard(&[("VisibilityTimeout", &target.span(1).to_string())]).await;
    queue.send("hello").await;
    queue.delete(&queue.receive_one().await).await.expect("the server does it");
    target.pass_span(1);
    assert!(queue.receive_for(1, 2, None).await.is_empty());
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn messages_are_received_oldest_first() {
    let queue = Target::given().await.standard(&[]).await;
    for body in ["one", "two", "three"] {
        queue.send(body).await;
    }
    assert_eq!(bodies(&queue.receive(2).await), ["one", "two"]);
    assert_eq!(bodies(&queue.receive(10).await), ["three"]);
}

#[tokio::test]
async fn a_receive_returns_one_to_ten_messages() {
    let queue = Target::given().await.standard(&[]).await;
    for max in [0, 11] {
        let request = queue.client.receive_message().queue_url(&queue.url).max_number_of_messages(max);
        assert_eq!(code(&request.send().await.expect_err("the server refuses")), "InvalidParameterValue", "{max}");
    }
}

#[tokio::test]
async fn message_attributes_are_received_with_their_digest() {
    let queue = Target::given().await.standard(&[]).await;
    let binary = MessageAttributeValue::builder().data_type("Binary.png").binary_value(Blob::new([0, 159, 255]));
    let number = MessageAttributeValue::builder().data_type("Number").string_value("3.14");
    let request = queue.sending("hello").message_attributes("text", text("value"));
    let request = request.message_attributes("picture", binary.build().expect("it is complete"));
    let sent = request
        .message_attributes("number", number.build().expect("it is complete"))
        .send()
        .await
        .expect("the server does it");
    assert_eq!(sent.md5_of_message_attributes(), Some("fbc1f9bbe26537523cdcd52481c56396"));
    let message = queue.receive_one().await;
    let attributes = message.message_attributes.expect("the answer has it");
    assert_eq!(attributes["text"], text("value"));
    assert_eq!(attributes["number"].string_value(), Some("3.14"));
    assert_eq!(attributes["picture"].data_type(), "Binary.png");
    assert_eq!(attributes["picture"].binary_value(), Some(&Blob::new([0, 159, 255])));
    assert_eq!(message.md5_of_message_attributes, sent.md5_of_message_attributes);
}

#[tokio::test]
async fn only_requested_message_attributes_are_received() {
    let queue = Target::given().await.standard(&[("VisibilityTimeout", "0")]).await;
    let request = queue.sending("hello").message_attributes("order.id", text("1"));
    let request = request.message_attributes("order.lines", text("2")).message_attributes("other", text("3"));
    request.send().await.expect("the server answers");
    for (asked, expected) in [
        (vec!["order.*"], vec!["order.id", "order.lines"]),
        (vec!["other"], vec!["other"]),
        (vec!["All"], vec!["order.id", "order.lines", "other"]),
        (vec![], vec![]),
    ] {
        let request = queue.client.receive_message().queue_url(&queue.url).wait_time_seconds(5);
        let asked = asked.into_iter().map(ToOwned::to_owned).collect();
        let output = request.set_message_attribute_names(Some(asked)).send().await.expect("the server answers");
        let message = output.messages.expect("the answer has it").remove(0);
        assert_eq!(message.md5_of_message_attributes.is_some(), !expected.is_empty());
        let mut names: Vec<String> = message.message_attributes.unwrap_or_default().into_keys().collect();
        names.sort();
        assert_eq!(names, expected);
        assert_eq!(message.attributes, None, "no system attribute was asked for");
    }
}

#[tokio::test]
async fn system_attributes_describe_the_send_and_the_receives() {
    let queue = Target::given().await.standard(&[]).await;
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let value = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(header)
        .build()
        .expect("it is complete");
    let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
    queue.sending("hello").message_system_attributes(name, value).send().await.expect("the server does it");
    let first = queue.receive_for(1, 5, Some(0)).await.remove(0);
    let second = queue.receive_one().await;
    let number = |message, name| system(message, name).parse::<i64>().expect("it is a number");
    assert_eq!(number(&first, "ApproximateReceiveCount"), 1);
    assert_eq!(number(&second, "ApproximateReceiveCount"), 2);
    let sent = number(&first, "SentTimestamp");
    assert!(sent > 1_600_000_000_000, "in milliseconds: {sent}");
    let received = number(&first, "ApproximateFirstReceiveTimestamp");
    assert!(sent <= received && received < sent + 60_000);
    assert_eq!(number(&second, "ApproximateFirstReceiveTimestamp"), received);
    assert_eq!(number(&second, "SentTimestamp"), sent);
    assert_ne!(system(&first, "SenderId"), "");
    assert_eq!(system(&first, "AWSTraceHeader"), header);
    assert_eq!(system(&first, "SequenceNumber"), "");
}

#[tokio::test]
async fn a_delayed_message_is_received_after_its_delay() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    queue.sending("late").delay_seconds(target.span(2)).send().await.expect("the server answers");
    assert!(queue.receive(1).await.is_empty());
    target.pass_span(2);
    assert_eq!(queue.receive_one().await.body(), Some("late"));
}

#[tokio::test]
async fn a_queues_delay_applies_to_messages_without_their_own() {
    let target = Target::given().await;
    let queue = target.standard(&[("DelaySeconds", &target.span(2).to_string()), ("VisibilityTimeout", "43200")]).await;
    queue.send("late").await;
    queue.sending("now").delay_seconds(0).send().await.expect("the server answers");
    assert_eq!(bodies(&queue.receive(10).await), ["now"]);
    target.pass_span(2);
    assert_eq!(queue.receive_one().await.body(), Some("late"));
}

#[tokio::test]
async fn an_invalid_message_is_refused() {
    let queue = Target::given().await.standard(&[("MaximumMessageSize", "1024")]).await;
    for (body, expected) in [
        ("", "MissingParameter"),
        ("bell \u{7}", "InvalidMessageContents"),
        ("\u{FFFF}", "InvalidMessageContents"),
        ("ä".repeat(513).as_str(), "InvalidParameterValue"),
    ] {
        assert_eq!(code(&queue.sending(body).send().await.expect_err("the server refuses")), expected, "{body:?}");
    }
    queue.send(&"ä".repeat(512)).await;
    assert_eq!(queue.counts().await, ["1", "0", "0"]);
}

#[tokio::test]
async fn a_message_of_one_mebibyte_is_received_unchanged() {
    let queue = Target::given().await.standard(&[]).await;
    let body = "\"".repeat(1_048_576);
    queue.send(&body).await;
    assert!(queue.receive_one().await.body() == Some(&body));
}

#[tokio::test]
async fn a_standard_queue_accepts_and_returns_a_message_group() {
    let queue = Target::given().await.standard(&[]).await;
    for body in ["one", "two"] {
        queue.sending(body).message_group_id("tenant").send().await.expect("the server answers");
    }
    let received = queue.receive(1).await;
    assert_eq!(system(&received[0], "MessageGroupId"), "tenant");
    assert_eq!(bodies(&queue.receive(1).await), ["two"], "a group does not block itself");
}
