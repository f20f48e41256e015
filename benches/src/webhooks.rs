//! Webhooks: the latency from callback to webhook, alone and beside an endpoint that hangs, and the throughput of one
//! `notify` process.

use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::json;
use shared::message::State;
use tests::bad_endpoints::BadEndpoints;
use tests::test_stack::{TestStack, template};
use tests::webhook_receiver::WebhookReceiver;

use crate::performance::webhook_latency::callback_to_webhook;
use crate::statuses::Statuses;

/// Measures all of it in one run.
pub async fn measure(program: &str, events: usize) {
    beside_one_that_hangs(program, events).await;
    one_process(program, events).await;
}

async fn beside_one_that_hangs(program: &str, events: usize) {
    let stack = Arc::new(TestStack::start(program).await);
    let bad = BadEndpoints::start("http://127.0.0.1:9/").await;
    let receiver = WebhookReceiver::start().await;
    webhook(&stack, &receiver.url, receiver.secret.expose_secret()).await;
    let sent = stack.send_text("15550100012", "reported by nobody").await;
    let statuses = Statuses::like(&stack, stack.wait_for_state(&sent, State::Sent).await);
    callback_to_webhook(&stack, &statuses, &receiver, 50).await; // the first ones go through the queue
    let alone = callback_to_webhook(&stack, &statuses, &receiver, events).await;
    println!("Callback to webhook, alone: {alone}");
    webhook(&stack, &format!("{}/hang", bad.url), "sixteen bytes and more").await;
    let beside = callback_to_webhook(&stack, &statuses, &receiver, events).await;
    println!("Callback to webhook, beside an endpoint that hangs for each of the same events: {beside}");
    println!("p99 beside it / alone: {:.2}", beside.at(99).as_secs_f64() / alone.at(99).as_secs_f64());
}

async fn webhook(stack: &TestStack, url: &str, secret: &str) {
    let events = ["message.delivered"];
    let body = json!({ "url": url, "instanceId": "inst_abc123", "events": events, "secret": secret });
    assert_eq!(stack.call("POST /v1/webhooks", body).await.0, 201);
}

/// One lane of the stream, so one process at a time; the events are waiting when it starts.
async fn one_process(program: &str, events: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = one_lane(folder.path());
    let stack = TestStack::start_with(program, |options| options.template = copy).await;
    let sent = stack.send_text("15550100012", "reported by nobody").await;
    let statuses = Statuses::like(&stack, stack.wait_for_state(&sent, State::Sent).await);
    let mut rates = Vec::new();
    for round in 0..5 {
        let (ids, body) = statuses.delivered(events.min(1_000)).await;
        let before = stack.webhook.calls().len();
        assert_eq!(stack.post_callback(&body, None).await, 200);
        let calls = stack.webhook.wait_for_calls(before + ids.len()).await;
        let (first, last) = (calls[before].at, calls[calls.len() - 1].at);
        if round > 0 {
            rates.push((calls.len() - before) as f64 / last.duration_since(first).as_secs_f64()); // the first warms up
        }
    }
    let rates: Vec<String> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
    println!("Events a second of one notify process, four rounds: {}", rates.join(", "));
}

fn one_lane(folder: &Path) -> std::path::PathBuf {
    let text = std::fs::read_to_string(template()).expect("the template");
    assert!(text.contains("ParallelizationFactor: 5 "), "the mapping of statuses");
    let file = folder.join("template.yaml");
    std::fs::write(&file, text.replace("ParallelizationFactor: 5 ", "ParallelizationFactor: 1 ")).expect("a copy");
    file
}
