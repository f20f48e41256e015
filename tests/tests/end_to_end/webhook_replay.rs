//! Webhook replays, which repeat events under their original ids.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::{Call, WebhookReceiver};

use crate::PROGRAM;

const EVENTS: [&str; 4] = ["message.sent", "message.delivered", "message.read", "message.failed"];

/// Permanent refusals, each of another recipient, so that messages fail in parallel.
const CODES: [u32; 10] = [131_008, 131_009, 131_021, 131_026, 131_047, 131_049, 131_050, 131_051, 131_053, 132_000];

/// The ids and bodies of calls, without repeats.
fn published(calls: &[Call]) -> BTreeSet<(String, Vec<u8>)> {
    calls.iter().map(|call| (call.header("webhook-id").to_owned(), call.body.to_vec())).collect()
}

#[tokio::test]
async fn a_replay_of_a_message_repeats_its_events_under_the_same_ids() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &EVENTS).await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&id, "read").await;
    let first = published(&receiver.wait_for_calls(3).await);
    let (status, answer) = stack.call(&format!("POST {path}/replay"), json!({ "messageId": id })).await;
    assert_eq!(
        (status, &answer["data"]["events"], &answer["data"]["status"]),
        (202, &json!(3), &json!("done")),
        "{answer}"
    );
    let calls = receiver.wait_for_calls(6).await;
    assert_eq!(published(&calls), first);
    assert!(calls.iter().all(|call| receiver.verifies(call)));
}

#[tokio::test]
async fn a_replay_of_a_log_row_repeats_only_that_event() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &["message.sent", "message.failed"]).await;
    receiver.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    let id = stack.send_text("1555131047", "fails").await;
    let call = receiver.wait_for(id.as_str(), "message.failed").await;
    let row = || async {
        let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
        logs["data"][0]["id"].as_str().map(str::to_owned)
    };
    let row = eventually("a row", row).await;
    let (status, answer) = stack.call(&format!("POST {path}/replay"), json!({ "logId": row })).await;
    assert_eq!((status, &answer["data"]["events"]), (202, &json!(1)), "{answer}");
    let calls = receiver.wait_for_calls(2).await;
    assert_eq!(calls[1].header("webhook-id"), call.header("webhook-id"));
}

#[tokio::test]
async fn a_replay_of_a_time_range_shows_its_progress() {
    const MESSAGES: usize = 130; // more than a page
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let before = stack.send_text("1555131047", "before that time").await;
    stack.webhook.wait_for(before.as_str(), "message.failed").await; // published before the new webhook is there
    stack.pass(Duration::from_secs(60));
    let since = stack.now();
    let path = stack.webhook_for(&receiver, &["message.failed"]).await;
    let recipients: Vec<String> =
        (0..MESSAGES).map(|number| format!("1555{:06}", CODES[number % CODES.len()])).collect();
    join_all(recipients.iter().map(|to| stack.send_text(to, "fails"))).await;
    let first = published(&receiver.wait_for_calls(MESSAGES).await);
    assert_eq!(first.len(), MESSAGES);
    stack.pass(Duration::from_secs(60));

    let time = json!({ "since": since.to_string(), "until": stack.now().to_string() });
    let (status, answer) = stack.call(&format!("POST {path}/replay"), time).await;
    assert_eq!(status, 202, "{answer}");
    let progress = format!("GET {path}/replays/{}", answer["data"]["replayId"].as_str().expect("an id"));
    let done = || async {
        let (_, shown) = stack.call(&progress, Value::Null).await;
        Some(shown["data"].clone()).filter(|shown| shown["status"] == "done")
    };
    let done = eventually("the replay's end", done).await;
    assert_eq!((&done["messages"], &done["events"]), (&json!(MESSAGES), &json!(MESSAGES)));
    let calls = receiver.wait_for_calls(2 * MESSAGES).await;
    assert_eq!((published(&calls), calls.len()), (first, 2 * MESSAGES));
}

#[tokio::test]
async fn an_invalid_replay_names_its_field() {
    let stack = TestStack::start(PROGRAM).await;
    let path = stack.webhook_for(&WebhookReceiver::start().await, &EVENTS).await;
    let (earlier, later) = ("2026-02-03T12:00:00.000Z", "2026-02-04T12:00:00.000Z");
    for (body, status, code, field) in [
        (json!({}), 400, "invalid_request", json!("since")),
        (json!({ "until": later }), 400, "invalid_request", json!("since")),
        (json!({ "messageId": "msg_1", "logId": "log_1" }), 400, "invalid_request", json!("messageId")),
        (json!({ "messageId": "wrong" }), 400, "invalid_request", json!("messageId")),
        (json!({ "messageId": "msg_nobodys" }), 404, "message_not_found", json!("messageId")),
        (json!({ "logId": "log_nobodys" }), 400, "invalid_request", json!("logId")),
        (json!({ "since": "yesterday" }), 400, "invalid_request", json!("since")),
        (json!({ "since": later, "until": earlier }), 400, "invalid_request", json!("since")),
        (json!({ "since": earlier, "from": 1 }), 400, "invalid_request", json!("from")),
    ] {
        let (got, answer) = stack.call(&format!("POST {path}/replay"), body.clone()).await;
        assert_eq!(
            (got, &answer["error"]["code"], &answer["error"]["field"]),
            (status, &json!(code), &field),
            "{body}"
        );
    }
    let (status, answer) = stack.call(&format!("GET {path}/replays/rpl_nobodys"), Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("replay_not_found")));
    assert_eq!(stack.call(&format!("PUT {path}"), json!({ "status": "disabled" })).await.0, 200);
    let (status, answer) = stack.call(&format!("POST {path}/replay"), json!({ "since": earlier })).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("webhook_disabled")));
}
