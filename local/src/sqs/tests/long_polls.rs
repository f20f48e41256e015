//! A long poll that waits for certain wakes up for everything that gives it a message.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use super::*;
use crate::sqs::error::{ErrorCode, SqsError};

type Waiting<'a> = Pin<&'a mut (dyn Future<Output = Result<Vec<Received>, SqsError>> + Send)>;

const LONG: Receive = Receive { max: 1, visibility_timeout: None, wait: Some(20), attempt_id: None };

fn assert_waits(waiting: &mut Waiting<'_>) {
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending(), "it has something to wait for");
}

/// The poll's outcome, well before its wait is over.
async fn woken(waiting: &mut Waiting<'_>) -> Result<Vec<Received>, SqsError> {
    let outcome = tokio::time::timeout(Duration::from_secs(5), waiting.as_mut()).await;
    outcome.expect("it wakes up long before its twenty seconds are over")
}

async fn assert_woken_with(waiting: &mut Waiting<'_>, body: &str) {
    assert_eq!(bodies(&woken(waiting).await.expect("it succeeds")), [body]);
}

fn no_queue(_: &str) -> Option<Arc<Queue>> {
    None
}

#[tokio::test]
async fn a_send_wakes_a_long_poll() {
    let queue = queue(&Clock::new(), &[]);
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    queue.send(ungrouped("hello")).expect("the queue does it");
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_visibility_time_out_that_ends_wakes_a_long_poll_when_the_clock_moves() {
    let clock = Clock::new();
    let queue = queue(&clock, &[]);
    queue.send(ungrouped("hello")).expect("the queue does it");
    receive(&queue, 1).await;
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    clock.advance(Duration::from_secs(30)).expect("no file is written");
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_visibility_time_out_that_ends_wakes_a_long_poll_in_real_time() {
    let queue = queue(&Clock::new(), &[("VisibilityTimeout", "1")]);
    queue.send(ungrouped("hello")).expect("the queue does it");
    receive(&queue, 1).await;
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_delay_that_begins_during_a_long_poll_wakes_it_when_it_ends() {
    let clock = Clock::new();
    let queue = queue(&clock, &[]);
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    queue.send(Outgoing { delay_seconds: Some(10), ..ungrouped("hello") }).expect("the queue does it");
    assert_waits(&mut waiting);
    clock.advance(Duration::from_secs(10)).expect("no file is written");
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_delay_that_begins_during_long_polls_is_known_to_all_of_them() {
    let clock = Clock::new();
    let queue = queue(&clock, &[]);
    let mut first = Box::pin(queue.receive(&LONG, no_queue));
    let mut second: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut (first.as_mut() as Waiting<'_>));
    assert_waits(&mut second);
    queue.send(Outgoing { delay_seconds: Some(10), ..ungrouped("hello") }).expect("the queue does it");
    assert_waits(&mut (first.as_mut() as Waiting<'_>));
    assert_waits(&mut second);
    drop(first);
    clock.advance(Duration::from_secs(10)).expect("no file is written");
    assert_woken_with(&mut second, "hello").await;
}

#[tokio::test]
async fn a_shown_message_wakes_a_long_poll() {
    let queue = queue(&Clock::new(), &[]);
    queue.send(ungrouped("hello")).expect("the queue does it");
    let received = receive(&queue, 1).await;
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    queue.change_visibility(&received[0].0, 0).expect("the queue does it");
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_shorter_visibility_wakes_a_long_poll_when_it_ends() {
    let clock = Clock::new();
    let queue = queue(&clock, &[]);
    queue.send(ungrouped("hello")).expect("the queue does it");
    let received = receive(&queue, 1).await;
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    queue.change_visibility(&received[0].0, 10).expect("the queue does it");
    assert_waits(&mut waiting);
    clock.advance(Duration::from_secs(10)).expect("no file is written");
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_deletion_that_unblocks_a_group_wakes_a_long_poll() {
    let queue = fifo_queue(&Clock::new());
    queue.send(of_group("a", "first")).expect("the queue does it");
    queue.send(of_group("a", "second")).expect("the queue does it");
    let received = receive(&queue, 1).await;
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    queue.delete(&received[0].0).expect("the queue does it");
    assert_woken_with(&mut waiting, "second").await;
}

#[tokio::test]
async fn a_dead_letter_wakes_a_long_poll_of_its_queue() {
    let clock = Clock::new();
    let policy = r#"{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:queue", "maxReceiveCount": 1}"#;
    let source = queue(&clock, &[("RedrivePolicy", policy), ("VisibilityTimeout", "0")]);
    let dead_letters = Arc::new(queue(&clock, &[]));
    source.send(ungrouped("poison")).expect("the queue does it");
    let find = |_: &str| Some(dead_letters.clone());
    let short = Receive { wait: Some(0), ..LONG };
    assert_eq!(bodies(&source.receive(&short, find).await.expect("it succeeds")), ["poison"]);
    let mut waiting: Waiting<'_> = pin!(dead_letters.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    assert!(source.receive(&short, find).await.expect("it succeeds").is_empty());
    assert_woken_with(&mut waiting, "poison").await;
}

#[tokio::test]
async fn messages_that_come_at_once_wake_one_long_poll_each() {
    let clock = Clock::new();
    let queue = queue(&clock, &[("DelaySeconds", "10")]);
    let mut polls: Vec<_> = (0..3).map(|_| Box::pin(queue.receive(&LONG, no_queue))).collect();
    for body in ["one", "two", "three"] {
        queue.send(ungrouped(body)).expect("the queue does it");
    }
    for poll in &mut polls {
        assert_waits(&mut (poll.as_mut() as Waiting<'_>));
    }
    clock.advance(Duration::from_secs(10)).expect("no file is written");
    for (poll, body) in polls.iter_mut().zip(["one", "two", "three"]) {
        assert_woken_with(&mut (poll.as_mut() as Waiting<'_>), body).await;
    }
}

#[tokio::test]
async fn a_long_poll_that_is_given_up_passes_its_wake_up_on() {
    let queue = queue(&Clock::new(), &[]);
    let mut given_up = Box::pin(queue.receive(&LONG, no_queue));
    assert_waits(&mut (given_up.as_mut() as Waiting<'_>));
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    queue.send(ungrouped("hello")).expect("the queue does it");
    drop(given_up);
    assert_woken_with(&mut waiting, "hello").await;
}

#[tokio::test]
async fn a_long_poll_that_gets_its_fill_wakes_the_next_one_for_the_rest() {
    let queue = queue(&Clock::new(), &[]);
    let mut first: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    let mut second: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut first);
    assert_waits(&mut second);
    queue
        .change(|state, now| {
            let message = |body: &str| Message { body: body.into(), sent: now, ..Message::default() };
            state.messages.add(message("one"), now, now);
            state.messages.add(message("two"), now, now);
            Ok(())
        })
        .expect("the queue does it");
    assert_woken_with(&mut first, "one").await;
    assert_woken_with(&mut second, "two").await;
}

#[tokio::test]
async fn the_deletion_of_a_queue_ends_its_long_polls() {
    let queue = queue(&Clock::new(), &[]);
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    queue.delete_queue();
    let error = woken(&mut waiting).await.expect_err("the server refuses");
    assert_eq!(error.code, ErrorCode::QueueDoesNotExist);
}

#[tokio::test]
async fn a_long_poll_ends_without_messages_when_its_time_is_over() {
    let clock = Clock::new();
    let queue = queue(&clock, &[]);
    let mut waiting: Waiting<'_> = pin!(queue.receive(&LONG, no_queue));
    assert_waits(&mut waiting);
    clock.advance(Duration::from_secs(20)).expect("no file is written");
    assert!(woken(&mut waiting).await.expect("it succeeds").is_empty());
}
