//! A waiting long poll wakes up for every change that makes a message receivable.

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use futures::future::BoxFuture;

use super::*;
use crate::sqs::error::SqsError;

type Waiting<'a> = BoxFuture<'a, Result<Vec<ReceivedMessage>, SqsError>>;

const LONG: ReceiveRequest =
    ReceiveRequest { max_messages: 1, visibility_timeout: None, wait_time: Some(20), attempt_id: None };

fn assert_waits(waiting: &mut Waiting<'_>) {
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending(), "it has something to wait for");
}

/// The poll's outcome, well before its wait is over.
async fn woken(waiting: &mut Waiting<'_>) -> Result<Vec<ReceivedMessage>, SqsError> {
    let outcome = tokio::time::timeout(Duration::from_secs(5), waiting.as_mut()).await;
    outcome.expect("it wakes up long before its twenty seconds are over")
}

async fn assert_woken_with(waiting: &mut Waiting<'_>, body: &str) {
    assert_eq!(bodies(&woken(waiting).await.expect("it succeeds")), [body]);
}

/// A long poll that waits.
fn start_poll(queue: &Queue) -> Waiting<'_> {
    let mut waiting: Waiting<'_> = Box::pin(queue.receive(&LONG, |_| None));
    assert_waits(&mut waiting);
    waiting
}

#[tokio::test]
async fn a_send_wakes_a_long_poll() {
    let queue = queue(&Clock::new(), &[]);
    let mut waiting = start_poll(&queue);
    queue.send(ungrouped("hello")).expect("the queue accepts it");
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_visibility_time_out_that_ends_wakes_a_long_poll_when_the_clock_moves() {
    for (changed, seconds) in [(None, 30), (Some(10), 10), (Some(0), 0)] {
        let clock = Clock::new();
        let queue = queue(&clock, &[]);
        queue.send(ungrouped("hello")).expect("the queue accepts it");
        let received = receive(&queue, 1).await;
        let mut waiting = start_poll(&queue);
        if let Some(timeout) = changed {
            queue.change_visibility(&received[0].0, timeout).expect("the queue accepts it");
        }
        if seconds > 0 {
            assert_waits(&mut waiting);
            clock.advance(Duration::from_secs(seconds)).expect("no file is written");
        }
        assert_woken_with(&mut waiting, "hello").await;
    }
}

#[tokio::test]
async fn a_visibility_time_out_that_ends_wakes_a_long_poll_in_real_time() {
    let queue = queue(&Clock::new(), &[("VisibilityTimeout", "1")]);
    queue.send(ungrouped("hello")).expect("the queue accepts it");
    receive(&queue, 1).await;
    let mut waiting = start_poll(&queue);
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_delay_that_begins_during_long_polls_wakes_them_when_it_ends() {
    let clock = Clock::new();
    let queue = queue(&clock, &[]);
    let (mut first, mut second) = (start_poll(&queue), start_poll(&queue));
    queue.send(SendMessageInput { delay_seconds: Some(10), ..ungrouped("hello") }).expect("the queue accepts it");
    assert_waits(&mut first);
    assert_waits(&mut second);
    drop(first);
    clock.advance(Duration::from_secs(10)).expect("no file is written");
    assert_woken_with(&mut second, "hello").await;
}

#[tokio::test]
async fn a_deletion_that_unblocks_a_group_wakes_a_long_poll() {
    let queue = fifo_queue(&Clock::new());
    queue.send(grouped("a", "first")).expect("the queue accepts it");
    queue.send(grouped("a", "second")).expect("the queue accepts it");
    let received = receive(&queue, 1).await;
    let mut waiting = start_poll(&queue);
    queue.delete(&received[0].0).expect("the queue accepts it");
    assert_woken_with(&mut waiting, "second").await;
}

#[tokio::test]
async fn a_dead_letter_wakes_a_long_poll_of_its_queue() {
    let clock = Clock::new();
    let policy = r#"{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:queue", "maxReceiveCount": 1}"#;
    let source = queue(&clock, &[("RedrivePolicy", policy), ("VisibilityTimeout", "0")]);
    let dead_letters = Arc::new(queue(&clock, &[]));
    source.send(ungrouped("poison")).expect("the queue accepts it");
    let find = |_: &str| Some(dead_letters.clone());
    let short = ReceiveRequest { wait_time: Some(0), ..LONG };
    assert_eq!(bodies(&source.receive(&short, find).await.expect("it succeeds")), ["poison"]);
    let mut waiting = start_poll(&dead_letters);
    assert!(source.receive(&short, find).await.expect("it succeeds").is_empty());
    assert_woken_with(&mut waiting, "poison").await;
}

#[tokio::test]
async fn messages_that_come_at_once_wake_one_long_poll_each() {
    let clock = Clock::new();
    let queue = queue(&clock, &[("DelaySeconds", "10")]);
    for body in ["one", "two", "three"] {
        queue.send(ungrouped(body)).expect("the queue accepts it");
    }
    let mut polls = [start_poll(&queue), start_poll(&queue), start_poll(&queue)];
    clock.advance(Duration::from_secs(10)).expect("no file is written");
    for (poll, body) in polls.iter_mut().zip(["one", "two", "three"]) {
        assert_woken_with(poll, body).await;
    }
}

#[tokio::test]
async fn a_canceled_long_poll_passes_its_wake_up_on() {
    let queue = queue(&Clock::new(), &[]);
    let given_up = start_poll(&queue);
    let mut waiting = start_poll(&queue);
    queue.send(ungrouped("hello")).expect("the queue accepts it");
    drop(given_up);
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_satisfied_long_poll_wakes_the_next_one_for_the_rest() {
    let queue = queue(&Clock::new(), &[]);
    let (mut first, mut second) = (start_poll(&queue), start_poll(&queue));
    add_at_once(&queue, ["one", "two"].map(|body| Message { body: body.into(), ..Message::default() }));
    assert_woken_with(&mut first, "one").await;
    assert_woken_with(&mut second, "two").await;
}

#[tokio::test]
async fn the_deletion_of_a_queue_ends_its_long_polls() {
    let queue = queue(&Clock::new(), &[]);
    let mut waiting = start_poll(&queue);
    queue.mark_deleted();
    let error = woken(&mut waiting).await.expect_err("the server refuses");
    assert_eq!(error, SqsError::QueueDoesNotExist);
}

#[tokio::test]
async fn a_long_poll_ends_without_messages_when_its_time_is_over() {
    let clock = Clock::new();
    let queue = queue(&clock, &[]);
    let mut waiting = start_poll(&queue);
    clock.advance(Duration::from_secs(20)).expect("no file is written");
    assert!(woken(&mut waiting).await.expect("it succeeds").is_empty());
}
