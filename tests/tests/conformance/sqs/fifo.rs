//! FIFO queues: order within a message group, and independent groups.

use crate::sqs::queue::{bodies, system};
use crate::sqs::target::{Target, code};

#[tokio::test]
async fn one_receive_returns_several_messages_of_a_group_in_order() {
    let queue = Target::given().await.fifo(&[]).await;
    for body in ["one", "two", "three", "four"] {
        queue.send_to("group", body).await;
    }
    assert_eq!(bodies(&queue.receive(3).await), ["one", "two", "three"]);
}

#[tokio::test]
async fn one_receive_returns_messages_of_several_groups() {
    let queue = Target::given().await.fifo(&[]).await;
    for group in ["a", "b", "c"] {
        queue.send_to(group, group).await;
    }
    assert_eq!(bodies(&queue.receive(10).await), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_group_is_blocked_while_its_messages_are_in_flight() {
    let queue = Target::given().await.fifo(&[]).await;
    for body in ["one", "two", "three"] {
        queue.send_to("busy", body).await;
    }
    let received = queue.receive(2).await;
    assert_eq!(bodies(&received), ["one", "two"]);
    queue.send_to("free", "other").await;
    assert_eq!(bodies(&queue.receive(10).await), ["other"]);
    queue.delete(&received[0]).await.expect("the server does it");
    assert!(queue.receive(10).await.is_empty(), "one of the two is still in flight");
    queue.delete(&received[1]).await.expect("the server does it");
    assert_eq!(bodies(&queue.receive(10).await), ["three"]);
}

#[tokio::test]
async fn groups_are_received_by_age_and_not_by_name() {
    let queue = Target::given().await.fifo(&[]).await;
    for group in ["zebra", "ape", "mole", "bee"] {
        queue.send_to(group, group).await;
    }
    for group in ["zebra", "ape", "mole", "bee"] {
        assert_eq!(bodies(&queue.receive(1).await), [group]);
    }
}

#[tokio::test]
async fn an_unblocked_group_is_received_by_the_age_of_its_next_message() {
    let queue = Target::given().await.fifo(&[]).await;
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")] {
        queue.send_to(group, body).await;
    }
    let first = queue.receive(1).await;
    queue.delete(&first[0]).await.expect("the server does it");
    assert_eq!(bodies(&queue.receive(1).await), ["a2"], "it is older than b1");
}

#[tokio::test]
async fn a_group_resumes_in_order_after_the_visibility_timeout() {
    let target = Target::given().await;
    let queue = target.fifo(&[("VisibilityTimeout", &target.span(2).to_string())]).await;
    for body in ["one", "two", "three"] {
        queue.send_to("group", body).await;
    }
    assert_eq!(bodies(&queue.receive(2).await), ["one", "two"]);
    assert!(queue.receive(10).await.is_empty());
    target.pass_span(2);
    assert_eq!(bodies(&queue.receive_all(3).await), ["one", "two", "three"]);
}

#[tokio::test]
async fn a_group_resumes_at_once_when_its_visibility_timeout_is_set_to_zero() {
    let queue = Target::given().await.fifo(&[]).await;
    queue.send_to("group", "one").await;
    queue.send_to("group", "two").await;
    let received = queue.receive(1).await;
    queue.change_visibility(&received[0], 0).await.expect("the server does it");
    assert_eq!(bodies(&queue.receive(10).await), ["one", "two"]);
}

#[tokio::test]
async fn a_message_waits_for_an_earlier_hidden_one_of_its_group() {
    let target = Target::given().await;
    let queue = target.fifo(&[("VisibilityTimeout", &target.span(1).to_string())]).await;
    queue.send_to("group", "one").await;
    queue.send_to("group", "two").await;
    let received = queue.receive(2).await;
    queue.change_visibility(&received[0], 40_000).await.expect("the server does it");
    target.pass_span(1);
    assert!(queue.receive_for(10, 2, None).await.is_empty());
    queue.delete(&received[0]).await.expect("the server does it");
    assert_eq!(queue.receive_one().await.body(), Some("two"));
}

#[tokio::test]
async fn a_fifo_message_needs_a_group() {
    let queue = Target::given().await.fifo(&[("ContentBasedDeduplication", "true")]).await;
    assert_eq!(code(&queue.sending("hello").send().await.expect_err("the server refuses")), "MissingParameter");
}

#[tokio::test]
async fn a_fifo_message_has_only_the_delay_of_its_queue() {
    let target = Target::given().await;
    let delay = target.span(2).to_string();
    let queue = target.fifo(&[("DelaySeconds", &delay), ("ContentBasedDeduplication", "true")]).await;
    let request = queue.sending("hello").message_group_id("group");
    let refused = request.clone().delay_seconds(1).send().await.expect_err("the server refuses");
    assert_eq!(code(&refused), "InvalidParameterValue");
    request.delay_seconds(0).send().await.expect("the server answers");
    assert!(queue.receive(1).await.is_empty());
    target.pass_span(2);
    assert_eq!(queue.receive_one().await.body(), Some("hello"));
}

#[tokio::test]
async fn system_attributes_name_group_deduplication_id_and_sequence_number() {
    let queue = Target::given().await.fifo(&[]).await;
    let request = queue.sending("hello").message_group_id("group");
    let sent = request.message_deduplication_id("id").send().await.expect("the server answers");
    let later = queue.send_to("group", "later").await;
    let message = queue.receive(1).await.remove(0);
    assert_eq!(system(&message, "MessageGroupId"), "group");
    assert_eq!(system(&message, "MessageDeduplicationId"), "id");
    let number = sent.sequence_number.expect("the answer has it");
    assert_eq!(system(&message, "SequenceNumber"), number);
    assert_eq!(number.len(), 20);
    assert!(number < later.sequence_number.expect("the answer has it"));
}

#[tokio::test]
async fn a_group_is_blocked_by_a_later_message_in_flight_too() {
    let queue = Target::given().await.fifo(&[]).await;
    for (group, body) in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1")] {
        queue.send_to(group, body).await;
    }
    let received = queue.receive(2).await;
    assert_eq!(bodies(&received), ["a1", "a2"]);
    queue.change_visibility(&received[0], 0).await.expect("the server does it");
    assert_eq!(bodies(&queue.receive(10).await), ["b1"], "a2 is in flight");
    queue.change_visibility(&received[1], 0).await.expect("the server does it");
    assert_eq!(bodies(&queue.receive(10).await), ["a1", "a2", "a3"]);
}
