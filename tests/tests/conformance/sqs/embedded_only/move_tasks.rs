//! Message move tasks, which return dead letters to their source queue. ministack has none.

use aws_sdk_sqs::Client;

use crate::sqs::queue::{Queue, bodies, system};
use crate::sqs::target::{Target, code};

/// A queue, its dead-letter queue with two dead letters in it, and that one's ARN.
async fn with_dead_letters(target: &Target) -> (Queue, Queue, String) {
    let dead_letters = target.fifo(&[]).await;
    let policy = dead_letters.as_dead_letter_queue(1).await;
    let queue = target.fifo(&[("RedrivePolicy", &policy)]).await;
    for body in ["one", "two"] {
        queue.send_to("group", body).await;
    }
    assert_eq!(queue.receive_for(10, 0, Some(0)).await.len(), 2);
    assert!(queue.receive(10).await.is_empty());
    let arn = dead_letters.attribute("QueueArn").await;
    (queue, dead_letters, arn)
}

async fn statuses(client: &Client, source: &str) -> Vec<(String, i64)> {
    let listed =
        client.list_message_move_tasks().source_arn(source).max_results(10).send().await.expect("the server does it");
    let tasks = listed.results.unwrap_or_default().into_iter();
    tasks.map(|task| (task.status.expect("the answer has it"), task.approximate_number_of_messages_moved)).collect()
}

#[tokio::test]
async fn a_move_task_returns_dead_letters_to_their_queue_in_order() {
    let target = Target::embedded().await;
    let (queue, dead_letters, arn) = with_dead_letters(&target).await;
    assert_eq!(statuses(&target.client, &arn).await, []);
    let started = target.client.start_message_move_task().source_arn(&arn).send().await.expect("the server does it");
    assert_ne!(started.task_handle.expect("the answer has it"), "");
    let received = queue.receive(10).await;
    assert_eq!(bodies(&received), ["one", "two"]);
    assert_eq!(system(&received[0], "ApproximateReceiveCount"), "1");
    assert_eq!(system(&received[0], "DeadLetterQueueSourceArn"), "");
    assert_eq!(dead_letters.counts().await, ["0", "0", "0"]);
    assert_eq!(statuses(&target.client, &arn).await, [("COMPLETED".to_owned(), 2)]);
}

#[tokio::test]
async fn a_move_task_can_name_another_destination() {
    let target = Target::embedded().await;
    let (queue, _, arn) = with_dead_letters(&target).await;
    let other = target.fifo(&[]).await;
    let to = other.attribute("QueueArn").await;
    let request = target.client.start_message_move_task().source_arn(&arn).destination_arn(to);
    request.send().await.expect("the server answers");
    assert_eq!(bodies(&other.receive(10).await), ["one", "two"]);
    assert!(queue.receive(10).await.is_empty());
}

#[tokio::test]
async fn a_move_task_needs_a_dead_letter_queue() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    let arn = queue.attribute("QueueArn").await;
    let request = target.client.start_message_move_task();
    let refused = request.clone().source_arn(&arn).send().await.expect_err("the server refuses");
    assert_eq!(code(&refused), "InvalidParameterValue");
    let refused = request.source_arn(format!("{arn}-missing")).send().await.expect_err("the server refuses");
    assert!(refused.as_service_error().expect("the server answers").is_resource_not_found_exception());
}
