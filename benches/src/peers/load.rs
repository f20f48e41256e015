//! The messages of a run: sent at a rate, and followed to their webhooks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::json;
use shared::clock::{self, Timestamp};
use tests::wait::eventually;
use tokio::task::JoinSet;
use tokio::time::interval;

use super::gateway::{Gateway, answer, message_id};

/// Seconds of messages before those that count, so that connections are made.
pub const WARM_UP: usize = 3;

/// A message that was accepted.
pub struct Accepted {
    /// Its id.
    pub id: String,
    /// Its recipient, who receives no other.
    pub to: String,
    /// When its request was due.
    pub due: Timestamp,
    /// How long its 202 took from then on.
    pub took: Duration,
}

/// Sends messages, each when it is due by the open model, and waits until all of them were read and their webhooks called.
/// Returns when each was accepted.
pub async fn send(gateway: &Gateway, rate: u32, numbers: Range<usize>) -> Vec<Accepted> {
    let mut ticks = interval(Duration::from_secs(1) / rate);
    let mut sending = JoinSet::new();
    for number in numbers.clone() {
        let due = ticks.tick().await;
        let (to, request) = request(gateway, number);
        sending.spawn(async move {
            let began = clock::now().minus(due.elapsed());
            let (status, answer) = answer(request).await;
            assert_eq!(status, 202, "{answer}");
            Accepted { id: message_id(&answer), to, due: began, took: due.elapsed() }
        });
        eprint!("\r{} of {} sent", number + 1 - numbers.start, numbers.len());
    }
    eprintln!();
    let accepted = sending.join_all().await;
    let all = 3 * numbers.end;
    let has_all = || gateway.webhook.count() >= all && event_ids(gateway).len() >= all;
    eventually("three webhooks of each", || async { has_all().then_some(()) }).await;
    accepted
}

fn request(gateway: &Gateway, number: usize) -> (String, RequestBuilder) {
    let to = format!("55119{number:08}");
    let text = "Your order has left the house.";
    let body = json!({ "instanceId": gateway.instance_id, "to": to, "message": text });
    (to, gateway.request(&body.to_string()).header("idempotency-key", format!("order-{number}")))
}

/// Checks that WhatsApp accepted each message once, and that each has three events, signed. An event may be delivered
/// twice, but with the same id.
///
/// # Panics
/// When it is otherwise.
pub fn check(gateway: &Gateway, messages: usize) {
    assert_eq!(gateway.whatsapp.ledger().taken().len(), messages, "messages that WhatsApp accepted");
    let mut events: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for call in gateway.webhook.calls() {
        assert!(gateway.webhook.verifies(&call), "the signatures of {}", call.message_id());
        events.entry(call.message_id().to_owned()).or_default().insert(call.event().to_owned());
    }
    let expected: BTreeSet<String> = ["message.sent", "message.delivered", "message.read"].map(str::to_owned).into();
    assert!(events.values().all(|of_message| *of_message == expected), "each message's events: {events:?}");
    assert_eq!((events.len(), event_ids(gateway).len()), (messages, 3 * messages), "messages with events, and events");
}

fn event_ids(gateway: &Gateway) -> BTreeSet<String> {
    gateway.webhook.calls().iter().map(|call| call.header("webhook-id").to_owned()).collect()
}

/// From the moment at which each request was due until WhatsApp accepted its message.
///
/// # Panics
/// When WhatsApp has not accepted it exactly once.
pub fn until_taken(gateway: &Gateway, accepted: &[Accepted]) -> Vec<Duration> {
    let of_message = |accepted: &Accepted| {
        let taken = gateway.whatsapp.ledger().taken_by(&accepted.to);
        assert_eq!(taken.len(), 1, "messages to {}", accepted.to);
        accepted.due.until(Timestamp::from_millis(taken[0].at))
    };
    accepted.iter().map(of_message).collect()
}
