//! An endpoint that one process has found fast is called directly by others, which its webhook's item tells.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::webhook::Webhook;
use tests::process;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

const PHONE: &str = "5511900000001";
/// Longer than the first wait between attempts.
const UNTIL_RETRIED: Duration = Duration::from_secs(34);
/// Longer than an endpoint that failed is not noted as fast.
const HOUR: Duration = Duration::from_secs(3601);

async fn webhook(stack: &TestStack) -> Webhook {
    stack.accounts.webhooks(&stack.customer.account_id).await.expect("the table answers").remove(0)
}

/// Sends a message until it is read, and waits until its webhook's item is as wanted.
async fn send_until(stack: &TestStack, what: &str, is_so: impl Fn(&Webhook) -> bool) -> Webhook {
    let id = stack.send_text(PHONE, "hello").await;
    stack.webhook.wait_until_read(id.as_str()).await;
    let ask = || async { Some(webhook(stack).await).filter(&is_so) };
    eventually(what, ask).await
}

#[tokio::test]
async fn a_process_that_has_not_called_a_fast_endpoint_calls_it_directly() {
    let stack = TestStack::start(PROGRAM).await;
    let noted =
        send_until(&stack, "the endpoint to be noted as fast", |webhook| webhook.is_known_fast(stack.now())).await;
    stack.wait_until_empty("WebhookQueue").await;
    let notify = &stack.stack.functions["notify"];
    let pids = notify.pids().borrow().clone();
    pids.into_iter().for_each(process::kill);
    let mut invocations = notify.subscribe();
    let again = send_until(&stack, "the item", |_| true).await;
    stack.wait_until_published().await;
    while let Ok(finished) = invocations.try_recv() {
        let event: Value = serde_json::from_slice(&finished.event).expect("JSON");
        assert_ne!(event["Records"][0]["eventSource"], "aws:sqs", "{event}");
    }
    assert_eq!(again.fast_until, noted.fast_until, "it was noted once");
}

#[tokio::test]
async fn an_endpoint_that_failed_counts_as_fast_again_an_hour_later() {
    let stack = TestStack::start(PROGRAM).await;
    send_until(&stack, "the endpoint to be noted as fast", |webhook| webhook.is_known_fast(stack.now())).await;
    stack.webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    let id = stack.send_text(PHONE, "hello").await;
    let is_noted = || async { webhook(&stack).await.slow_until };
    eventually("the failure to be noted", is_noted).await;
    stack.wait_for_delayed("WebhookQueue", 1).await;
    stack.pass(UNTIL_RETRIED);
    stack.webhook.wait_until_read(id.as_str()).await;
    let soon = send_until(&stack, "the item", |_| true).await;
    assert_eq!(soon.fast_until, None, "it failed a moment ago");
    stack.pass(HOUR);
    send_until(&stack, "the endpoint to be noted again", |webhook| webhook.is_known_fast(stack.now())).await;
}

#[tokio::test]
async fn nothing_is_known_of_another_url() {
    let stack = TestStack::start(PROGRAM).await;
    let known =
        send_until(&stack, "the endpoint to be noted as fast", |webhook| webhook.is_known_fast(stack.now())).await;
    let path = format!("PUT /v1/webhooks/{}", known.id);
    assert_eq!(stack.call(&path, json!({ "url": known.url })).await.0, 200);
    assert!(webhook(&stack).await.is_known_fast(stack.now()), "the same URL");
    assert_eq!(stack.call(&path, json!({ "url": format!("{}?other", known.url) })).await.0, 200);
    assert!(!webhook(&stack).await.is_known_fast(stack.now()));
}
