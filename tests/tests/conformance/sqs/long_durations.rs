//! Durations of minutes or days: only the clock of an embedded server can be moved so far.

use std::time::Duration;

use crate::sqs::queue::{Queue, bodies, system};
use crate::sqs::target::{Target, code};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn purge(queue: &Queue) -> Result<(), String> {
    let purged = queue.client.purge_queue().queue_url(&queue.url).send().await;
    purged.map(drop).map_err(|error| code(&error))
}

#[tokio::test]
async fn a_deduplication_id_is_forgotten_after_five_minutes_from_the_first_send() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[]).await;
    let first = queue.send_to("group", "hello").await;
    queue.delete(&queue.receive_one().await).await.expect("the server does it");
    target.pass(4 * MINUTE);
    assert_eq!(queue.send_to("group", "hello").await.message_id, first.message_id);
    assert!(queue.receive(1).await.is_empty(), "the id is remembered after the deletion");
    target.pass(MINUTE);
    let second = queue.send_to("group", "hello").await;
    assert_ne!(second.message_id, first.message_id);
    assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
}

#[tokio::test]
async fn a_waiting_message_does_not_extend_its_deduplication_interval() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[]).await;
    queue.send_to("group", "hello").await;
    target.pass(5 * MINUTE);
    queue.send_to("group", "hello").await;
    assert_eq!(bodies(&queue.receive(10).await), ["hello", "hello"]);
}

#[tokio::test]
async fn messages_are_deleted_after_their_retention_in_flight_or_not() {
    let target = Target::embedded().await;
    let queue = target.standard(&[("MessageRetentionPeriod", "3600"), ("VisibilityTimeout", "43200")]).await;
    queue.send("old, in flight").await;
    queue.receive_one().await;
    queue.send("old").await;
    target.pass(59 * MINUTE);
    queue.send("young").await;
    assert_eq!(queue.counts().await, ["2", "1", "0"]);
    target.pass(MINUTE);
    assert_eq!(queue.counts().await, ["1", "0", "0"]);
    assert_eq!(bodies(&queue.receive(10).await), ["young"]);
}

#[tokio::test]
async fn a_group_continues_when_its_first_message_has_expired() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[("MessageRetentionPeriod", "60"), ("VisibilityTimeout", "43200")]).await;
    queue.send_to("group", "old").await;
    queue.receive_one().await;
    target.pass(MINUTE / 2);
    queue.send_to("group", "young").await;
    assert!(queue.receive(1).await.is_empty());
    target.pass(MINUTE / 2);
    assert_eq!(bodies(&queue.receive(10).await), ["young"]);
}

#[tokio::test]
async fn a_shorter_retention_applies_to_existing_messages() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    queue.send("hello").await;
    target.pass(2 * MINUTE);
    queue.set(&[("MessageRetentionPeriod", "120")]).await.expect("the server does it");
    assert!(queue.receive(1).await.is_empty());
}

#[tokio::test]
async fn a_standard_dead_letter_keeps_its_age() {
    let target = Target::embedded().await;
    let dead_letters = target.standard(&[]).await;
    let policy = dead_letters.as_dead_letter_queue(1).await;
    let queue = target.standard(&[("RedrivePolicy", &policy), ("VisibilityTimeout", "0")]).await;
    queue.send("poison").await;
    let sent = system(&queue.receive_one().await, "SentTimestamp");
    target.pass(3 * DAY);
    assert!(queue.receive(1).await.is_empty());
    let dead = dead_letters.receive_for(1, 0, Some(0)).await.remove(0);
    assert_eq!(system(&dead, "SentTimestamp"), sent);
    target.pass(DAY);
    assert!(dead_letters.receive(1).await.is_empty(), "the retention of four days is over");
}

#[tokio::test]
async fn a_fifo_dead_letter_starts_a_new_retention() {
    let target = Target::embedded().await;
    let dead_letters = target.fifo(&[]).await;
    let policy = dead_letters.as_dead_letter_queue(1).await;
    let queue = target.fifo(&[("RedrivePolicy", &policy), ("VisibilityTimeout", "0")]).await;
    queue.send_to("group", "poison").await;
    let sent = system(&queue.receive_one().await, "SentTimestamp");
    target.pass(3 * DAY);
    assert!(queue.receive(1).await.is_empty());
    target.pass(3 * DAY);
    let dead = dead_letters.receive_one().await;
    assert_eq!(dead.body(), Some("poison"));
    let moved_after = system(&dead, "SentTimestamp").parse::<u128>().expect("it is a number")
        - sent.parse::<u128>().expect("it is a number");
    assert!(moved_after >= (3 * DAY).as_millis());
}

#[tokio::test]
async fn a_message_can_be_delayed_for_fifteen_minutes() {
    let target = Target::embedded().await;
    let queue = target.standard(&[("DelaySeconds", "900")]).await;
    queue.send("late").await;
    target.pass(14 * MINUTE);
    assert_eq!(queue.counts().await, ["0", "0", "1"]);
    assert!(queue.receive(1).await.is_empty());
    target.pass(MINUTE);
    assert_eq!(bodies(&queue.receive(1).await), ["late"]);
}

#[tokio::test]
async fn a_message_can_be_hidden_for_at_most_twelve_hours_in_total() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    queue.send("hello").await;
    let message = queue.receive_for(1, 0, Some(43_200)).await.remove(0);
    target.pass(10 * 60 * MINUTE);
    let two_hours = 2 * 60 * 60;
    assert_eq!(
        queue.change_visibility(&message, two_hours + 1).await.expect_err("the server refuses"),
        "InvalidParameterValue"
    );
    queue.change_visibility(&message, two_hours - 60).await.expect("the server does it");
    target.pass(119 * MINUTE);
    assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
}

#[tokio::test]
async fn the_first_receive_timestamp_is_kept() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    queue.send("hello").await;
    let first = system(&queue.receive_one().await, "ApproximateFirstReceiveTimestamp");
    target.pass(DAY);
    assert_eq!(system(&queue.receive_one().await, "ApproximateFirstReceiveTimestamp"), first);
}

#[tokio::test]
async fn a_deleted_queues_name_can_be_reused_after_a_minute() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    queue.send("hello").await;
    let message = queue.receive_one().await;
    target.client.delete_queue().queue_url(&queue.url).send().await.expect("the server answers");
    let name = queue.url.rsplit('/').next().expect("a URL has a path");
    let refused = target.create(name, &[]).await.expect_err("the server refuses");
    assert_eq!(refused, "AWS.SimpleQueueService.QueueDeletedRecently");
    target.pass(MINUTE);
    target.create(name, &[]).await.expect("the server does it");
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
    assert_eq!(queue.delete(&message).await.expect_err("the server refuses"), "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn a_queue_can_be_purged_once_a_minute() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    purge(&queue).await.expect("the server does it");
    assert_eq!(purge(&queue).await.expect_err("the server refuses"), "AWS.SimpleQueueService.PurgeQueueInProgress");
    target.pass(MINUTE);
    purge(&queue).await.expect("the server does it");
}

#[tokio::test]
async fn a_receive_attempt_can_be_repeated_for_five_minutes() {
    let target = Target::embedded().await;
    let queue = target.fifo(&[("VisibilityTimeout", "180")]).await;
    queue.send_to("group", "hello").await;
    let attempt = async || {
        let request = queue.client.receive_message().queue_url(&queue.url).receive_request_attempt_id("id");
        request.send().await.expect("the server answers").messages.unwrap_or_default()
    };
    let first = attempt().await;
    target.pass(2 * MINUTE);
    assert_eq!(attempt().await, first);
    target.pass(2 * MINUTE);
    assert_eq!(queue.counts().await, ["0", "1", "0"], "it is hidden since the second attempt");
    target.pass(MINUTE);
    assert_eq!(bodies(&queue.receive(1).await), ["hello"]);
    target.pass(MINUTE);
    assert!(attempt().await.is_empty(), "the receive is forgotten, and its message is in flight");
}
