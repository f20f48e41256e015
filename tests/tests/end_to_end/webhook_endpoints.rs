//! Endpoints that misbehave on the wire: each is bounded in time and memory, stands in the log, and delays nobody else.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use tests::bad_endpoints::BadEndpoints;
use tests::process::peak_memory;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

/// Draws one `message.failed` and nothing else.
const FAILS: &str = "1555131047";
/// What a process may need more for an answer of 100 MB, in kilobytes.
const LITTLE: u64 = 16 * 1024;

async fn webhook(stack: &TestStack, url: &str) -> String {
    let body = json!({ "url": url, "instanceId": "inst_abc123", "events": ["message.failed"], "logSuccess": true });
    let (status, answer) = stack.call("POST /v1/webhooks", body).await;
    assert_eq!(status, 201, "{answer}");
    format!("/v1/webhooks/{}", answer["data"]["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn an_endpoint_that_misbehaves_is_bounded_and_logged_and_delays_nobody() {
    let stack = TestStack::start(PROGRAM).await;
    let bad = BadEndpoints::start(&stack.webhook.url).await;
    let warm = stack.send_text(FAILS, "so that the good one is known to be quick").await;
    stack.webhook.wait_for(warm.as_str(), "message.failed").await;
    let mut webhooks = Vec::new();
    for (path, status, code, error) in [
        ("/hang", "failed", Value::Null, "did not answer within 5 seconds"),
        ("/drip", "failed", Value::Null, "did not answer within 5 seconds"),
        ("/huge", "success", json!(200), ""),
        ("/redirect", "failed", json!(302), "answered 302 Found"),
        ("/close", "failed", Value::Null, "could not be called"),
        ("/garbage", "success", json!(200), ""),
        ("/rubbish", "failed", Value::Null, "could not be called"),
    ] {
        webhooks.push((webhook(&stack, &format!("{}{path}", bad.url)).await, path, status, code, error));
    }
    let certificate = webhook(&stack, &format!("{}/", bad.tls_url)).await;
    webhooks.push((certificate, "certificate", "failed", Value::Null, "could not be called"));
    let memory = || stack.stack.functions["notify"].pids().borrow().iter().map(|pid| peak_memory(*pid)).max();
    let before = memory().expect("a process");

    let id = stack.send_text(FAILS, "fails").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    let (_, logs) = stack.call(&format!("GET {}/logs", webhooks[0].0), Value::Null).await;
    assert_eq!(logs["data"], json!([]), "nobody waits for the endpoint that hangs: it hangs still");
    for (webhook, path, status, code, error) in &webhooks {
        let row = || async {
            let (_, logs) = stack.call(&format!("GET {webhook}/logs"), Value::Null).await;
            Some(logs["data"][0].clone()).filter(|row| !row.is_null())
        };
        let row = eventually(&format!("the row of {path}"), row).await;
        assert_eq!((&row["status"], &row["statusCode"]), (&json!(status), code), "{path}: {row}");
        assert_eq!(row["error"].as_str().unwrap_or_default(), *error, "{path}");
        assert!(row["responseTime"].as_u64().is_some_and(|took| took < 7_000), "{path}: {row}");
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
async fn a_shard_waits_for_no_endpoint_that_hangs() {
    let folder = tempfile::tempdir().expect("a folder");
    let one_lane = crate::template::changed(folder.path(), "ParallelizationFactor: 10", "ParallelizationFactor: 1");
    let stack = TestStack::start_with(PROGRAM, |options| options.template = one_lane).await;
    let warm = stack.send_text(FAILS, "so that the good one is known to be quick").await;
    stack.webhook.wait_for(warm.as_str(), "message.failed").await;
    let bad = BadEndpoints::start("http://127.0.0.1:9/").await;
    let hangs = webhook(&stack, &format!("{}/hang", bad.url)).await;
    for text in ["first", "behind it in the same shard"] {
        let id = stack.send_text(FAILS, text).await;
        stack.webhook.wait_for(id.as_str(), "message.failed").await;
    }
    let (_, logs) = stack.call(&format!("GET {hangs}/logs"), Value::Null).await;
    assert_eq!(logs["data"], json!([]), "the first one's event hangs still");
}
