//! The throughput limit of a number, and the batching of callbacks.

use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use super::callback_receiver::statuses;
use super::{NUMBER, TestSimulator, answer, text_to};

/// Sends messages and returns how many were accepted, and how many were refused for the number's throughput.
async fn send(test: &TestSimulator, number: &str, count: usize) -> (usize, usize) {
    let path = format!("{number}/messages");
    let message = text_to("15550100012");
    let answers = join_all((0..count).map(|_| test.call(&path, &message))).await;
    let refused = answers.iter().filter(|(_, answer)| answer["error"]["code"] == 130_429).count();
    let taken = answers.iter().filter(|(status, _)| *status == StatusCode::OK).count();
    (taken, refused)
}

#[tokio::test]
async fn a_number_sends_eighty_messages_in_any_second_and_further_ones_are_refused() {
    let test = TestSimulator::start().await;
    let begun = test.clock.now();
    let (taken, refused) = send(&test, NUMBER, 100).await;
    let seconds = (test.clock.now() - begun) / 1_000;
    assert_eq!(taken + refused, 100);
    assert!(taken == 80 || seconds > 0, "{taken} in less than a second"); // it may be more on a machine that is busy
    assert_eq!(test.simulator.ledger().throttled(), refused);
    assert_eq!(test.simulator.ledger().taken().len(), taken);
    let (others, _) = send(&test, "2001", 1).await;
    assert_eq!(others, 1, "another number is not affected");
    test.advance(Duration::from_secs(1));
    assert_eq!(send(&test, NUMBER, 1).await, (1, 0));
    let (_, ledger) = answer(test.client.get(format!("{}/ledger", test.url))).await;
    assert_eq!((&ledger["asked"], &ledger["throttled"]), (&json!(102), &json!(refused)));
}

#[tokio::test]
async fn a_number_that_meta_has_upgraded_sends_more() {
    let test = TestSimulator::start().await;
    assert_eq!(send(&test, "1000000000000", 100).await, (100, 0));
}

#[tokio::test]
async fn a_status_is_posted_at_once_and_waiting_ones_are_posted_together_by_number() {
    let test = TestSimulator::start().await;
    for number in [NUMBER, "2001"] {
        send(&test, number, 10).await;
    }
    test.receiver.hold_responses();
    let all = test.simulator.ledger().taken();
    let (first, others) = all.split_at(8);
    for (position, taken) in first.iter().enumerate() {
        let (simulator, taken) = (test.simulator.clone(), taken.clone());
        tokio::spawn(async move { simulator.report(&taken, "read").await });
        let callbacks = test.receiver.wait_for_callbacks(position + 1).await;
        assert_eq!(statuses(&callbacks[position]).len(), 1, "nothing is waited for");
    }
    let mut reports = Box::pin(join_all(others.iter().map(|taken| test.simulator.report(taken, "read"))));
    assert!(reports.as_mut().now_or_never().is_none(), "they wait while eight are in progress");
    test.receiver.release_responses(1);
    let callbacks = test.receiver.wait_for_callbacks(9).await;
    assert_eq!(statuses(&callbacks[8]).len(), others.len());
    let changes = callbacks[8]["entry"][0]["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 2, "one for each number");
    for value in changes.iter().map(|change| &change["value"]) {
        let of_number = others.iter().filter(|taken| value["metadata"]["phone_number_id"] == taken.number_id);
        let wamids: Vec<_> = of_number.map(|taken| json!(taken.wamid)).collect();
        let reported: Vec<_> =
            value["statuses"].as_array().expect("a list").iter().map(|said| said["id"].clone()).collect();
        assert_eq!(reported, wamids);
    }
    assert!(reports.as_mut().now_or_never().is_none(), "they are not acknowledged yet");
    test.receiver.release_responses(8);
    reports.await;
    assert_eq!(test.receiver.callbacks().len(), 9);
}

#[tokio::test]
async fn a_callback_has_at_most_a_thousand_statuses() {
    let test = TestSimulator::start().await;
    send(&test, NUMBER, 1).await;
    let taken = test.simulator.ledger().taken().remove(0);
    let mut reports: Vec<_> = (0..1_500).map(|_| Box::pin(test.simulator.report(&taken, "read"))).collect();
    assert!(reports.iter_mut().all(|report| report.now_or_never().is_none()), "all wait before any is posted");
    join_all(reports).await;
    let sizes: Vec<_> = test.receiver.callbacks().iter().map(|callback| statuses(callback).len()).collect();
    assert_eq!((sizes.iter().sum::<usize>(), sizes.iter().max()), (1_500, Some(&1_000)));
}
