//! Messages that were received too often go to the dead-letter queue.

use crate::sqs::queue::{Queue, bodies, system};
use crate::sqs::target::Target;

/// A queue and its dead-letter queue.
async fn pair(target: &Target, is_fifo: bool, max_receives: u32) -> (Queue, Queue) {
    let create = async |attributes: &[(&str, &str)]| {
        if is_fifo { target.fifo(attributes).await } else { target.standard(attributes).await }
    };
    let dead_letters = create(&[]).await;
    let policy = dead_letters.as_dead_letter_queue(max_receives).await;
    (create(&[("RedrivePolicy", &policy)]).await, dead_letters)
}

#[tokio::test]
async fn a_message_moves_to_the_dead_letter_queue_after_max_receives() {
    let target = Target::given().await;
    let (queue, dead_letters) = pair(&target, false, 2).await;
    let sent = queue.send("poison").await;
    for count in ["1", "2"] {
        let received = queue.receive_for(1, 5, Some(0)).await;
        assert_eq!(system(&received[0], "ApproximateReceiveCount"), count);
        assert_eq!(dead_letters.counts().await, ["0", "0", "0"]);
    }
    assert!(queue.receive(1).await.is_empty());
    let dead = dead_letters.receive_one().await;
    assert_eq!((dead.body(), &dead.message_id), (Some("poison"), &sent.message_id));
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
    assert_eq!(system(&dead, "DeadLetterQueueSourceArn"), queue.attribute("QueueArn").await);
    assert_eq!(system(&dead, "ApproximateReceiveCount"), "3", "receives count on");
}

#[tokio::test]
async fn a_receive_moves_dead_letters_and_returns_the_messages_behind_them() {
    let target = Target::given().await;
    let (queue, dead_letters) = pair(&target, false, 1).await;
    queue.send("poison").await;
    queue.receive_for(1, 5, Some(0)).await;
    queue.send("good").await;
    assert_eq!(bodies(&queue.receive(1).await), ["good"]);
    assert_eq!(dead_letters.receive_one().await.body(), Some("poison"));
}

#[tokio::test]
async fn a_message_in_flight_is_not_moved_before_its_visibility_timeout() {
    let target = Target::given().await;
    let (queue, dead_letters) = pair(&target, false, 1).await;
    queue.send("slow").await;
    let slow = queue.receive_for(1, 5, Some(target.span(2))).await.remove(0);
    assert!(queue.receive(1).await.is_empty());
    assert_eq!(dead_letters.counts().await, ["0", "0", "0"]);
    queue.delete(&slow).await.expect("the server does it");
    target.pass_span(2);
    assert!(queue.receive_for(1, 3, None).await.is_empty());
    assert_eq!(dead_letters.counts().await, ["0", "0", "0"]);
}

#[tokio::test]
async fn a_group_continues_when_its_first_message_is_a_dead_letter() {
    let target = Target::given().await;
    let (queue, dead_letters) = pair(&target, true, 1).await;
    queue.send_to("group", "poison").await;
    queue.send_to("group", "good").await;
    assert_eq!(bodies(&queue.receive_for(1, 5, Some(0)).await), ["poison"]);
    assert_eq!(bodies(&queue.receive(10).await), ["good"]);
    let dead = dead_letters.receive_one().await;
    assert_eq!(dead.body(), Some("poison"));
    assert_eq!(system(&dead, "MessageGroupId"), "group");
    assert_eq!(system(&dead, "MessageDeduplicationId"), "poison");
}

#[tokio::test]
async fn a_fifo_dead_letter_queue_keeps_the_order_of_a_group() {
    let target = Target::given().await;
    let (queue, dead_letters) = pair(&target, true, 1).await;
    for body in ["one", "two", "three"] {
        queue.send_to("group", body).await;
    }
    assert_eq!(queue.receive_for(10, 5, Some(0)).await.len(), 3);
    assert!(queue.receive(10).await.is_empty());
    assert_eq!(bodies(&dead_letters.receive_all(3).await), ["one", "two", "three"]);
}

#[tokio::test]
async fn an_invalid_redrive_policy_is_refused() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    let dead_letters = target.standard(&[]).await;
    let policy = dead_letters.as_dead_letter_queue(3).await;
    for wrong in [
        "three times".to_owned(),
        dead_letters.as_dead_letter_queue(0).await,
        dead_letters.as_dead_letter_queue(1001).await,
        policy.replace(", \"maxReceiveCount\": 3", ""),
        policy.replace("\", \"max", "-missing\", \"max"),
        policy.replace("arn:aws:sqs", "queue"),
    ] {
        assert_ne!(wrong, policy);
        queue.set(&[("RedrivePolicy", &wrong)]).await.expect_err("the server refuses");
        assert_eq!(queue.attribute("RedrivePolicy").await, "", "{wrong}");
    }
    queue.set(&[("RedrivePolicy", &policy)]).await.expect("the server does it");
}
