//! Webhook endpoints that misbehave on the wire: each is bounded in time and memory, is logged, and does not block the
//! stream.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use tests::bad_endpoints::BadEndpoints;
use tests::process::peak_memory;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";
/// The error of an endpoint with a self-signed certificate.
const SELF_SIGNED: &str = "No secure connection (TLS) to the endpoint was possible: its certificate is self-signed, of an unknown \
                           authority, or sent without its intermediate certificates.";
/// How much a process may grow when an endpoint answers with 100 MB, in kilobytes.
const LITTLE: u64 = 16 * 1024;

async fn webhook(stack: &TestStack, url: &str) -> String {
    let body = json!({ "url": url, "instanceId": "inst_abc123", "events": ["message.failed"], "logSuccess": true });
    let (status, answer) = stack.call("POST /v1/webhooks", body).await;
    assert_eq!(status, 201, "{answer}");
    format!("/v1/webhooks/{}", answer["data"]["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_misbehaving_endpoint_is_bounded_in_time_and_memory_and_logged() {
    let stack = TestStack::start(PROGRAM).await;
    let bad = BadEndpoints::start(&stack.webhook.url).await;
    let mut webhooks = Vec::new();
    for (path, status, code, error) in [
        ("/hang", "failed", Value::Null, "The endpoint did not answer within 5 seconds."),
        ("/drip", "failed", Value::Null, "The endpoint did not answer within 5 seconds."),
        ("/huge", "success", json!(200), ""),
        ("/redirect", "failed", json!(302), "The endpoint answered 302 Found."),
        ("/close", "failed", Value::Null, "The endpoint closed the connection without an answer."),
        ("/garbage", "success", json!(200), ""),
        ("/rubbish", "failed", Value::Null, "The endpoint's answer is not HTTP."),
    ] {
        webhooks.push((webhook(&stack, &format!("{}{path}", bad.url)).await, path, status, code, error));
    }
    let certificate = webhook(&stack, &format!("{}/", bad.tls_url)).await;
    webhooks.push((certificate, "certificate", "failed", Value::Null, SELF_SIGNED));
    let memory = || stack.stack.functions["notify"].pids().borrow().iter().map(|pid| peak_memory(*pid)).max();
    let before = memory().expect("a process");

    let id = stack.send_text(FAILS, "fails").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    for (webhook, path, status, code, error) in &webhooks {
        let row = || async {
            let (_, logs) = stack.call(&format!("GET {webhook}/logs"), Value::Null).await;
            Some(logs["data"][0].clone()).filter(|row| !row.is_null())
        };
        let row = eventually(&format!("the row of {path}"), row).await;
        assert_eq!((&row["status"], &row["statusCode"]), (&json!(status), code), "{path}: {row}");
        assert_eq!(row["error"].as_str().unwrap_or_default(), *error, "{path}");
        let waited = row["responseTime"].as_u64().is_some_and(|took| took >= 5_000);
        assert!(waited || !error.contains("5 seconds"), "{path}: {row}");
        assert_eq!(row["messageId"], json!(id), "{path}");
        match *path {
            "/huge" => assert_eq!(row["response"].as_str().map(str::len), Some(1024)),
            "/garbage" => assert_eq!(row["response"], "\u{1F54A}<{\0"),
            _ => assert!(row["response"].as_str().unwrap_or_default().is_empty(), "{path}: {row}"),
        }
    }
    assert_eq!(stack.webhook.calls_about(id.as_str()).len(), 1, "the redirect was not followed");
    let after = memory().expect("a process");
    assert!(after < before + LITTLE, "{before} kB before, {after} kB after");
    assert!(bad.sent.load(Ordering::Relaxed) < 20 * 1024 * 1024, "the rest of the answer was not read");
}

#[tokio::test]
async fn a_stream_shard_does_not_wait_for_an_endpoint_that_hangs() {
    let folder = tempfile::tempdir().expect("a folder");
    // Nothing consumes the webhook queue, so the endpoint is called from the stream or not at all.
    let read = "Queue: !GetAtt WebhookQueue.Arn";
    let unread = crate::template_changes::changed(folder.path(), read, "Queue: !GetAtt UnreadableRecords.Arn");
    let stack = TestStack::start_with(PROGRAM, |options| options.template = unread).await;
    let bad = BadEndpoints::start("http://127.0.0.1:9/").await;
    webhook(&stack, &format!("{}/hang", bad.url)).await;
    for text in ["first", "behind it in the same shard"] {
        let id = stack.send_text(FAILS, text).await;
        stack.wait_for_status(&id, "failed").await;
    }
    stack.wait_until_published().await;
    assert_eq!(bad.connections(), 0, "the stream has called the endpoint that hangs");
    assert_eq!(stack.visible("WebhookQueue").await, 4, "two events of two webhooks");
}
