//! Webhook replays, which repeat events under their original ids.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::ledger::key_limit::ARRIVAL;
use shared::ledger::rate_limit::micros;
use shared::message::Message;
use shared::message::record_keys::history_key;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::{Call, WebhookReceiver};

use crate::PROGRAM;
use crate::callbacks::Callbacks;
use crate::template_changes::changed;
use crate::webhook_fairness::unconsumed;

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
async fn an_account_replays_no_more_in_a_day_than_its_plan_allows_and_a_period_goes_on_later() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &EVENTS).await;
    let since = stack.now();
    let id = stack.send_text("5511999999999", "hello").await;
    receiver.wait_for_calls(3).await;
    // A quarter of a day is used at once at most.
    let used = UpdateBuilder::new().set(ARRIVAL, micros(stack.now().plus(Duration::from_secs(7 * 3600))));
    let quota = ItemKey::daily_quota(&stack.customer.account_id, "replays");
    stack.accounts.update(quota, &used).await.expect("the table takes it");
    let replay = async |body: Value| stack.call(&format!("POST {path}/replay"), body).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(replay(json!({ "messageId": id })).await); // a process uses some before it takes any
    }
    let refused = answers.pop().expect("an answer");
    assert_eq!((refused.0, &refused.1["error"]["code"]), (429, &json!("rate_limit_exceeded")), "{}", refused.1);
    let of_message = answers.iter().filter(|(status, _)| *status == 202).count() * 3;
    receiver.wait_for_calls(3 + of_message).await;
    let (status, answer) = replay(json!({ "since": since.to_string() })).await;
    assert_eq!((status, &answer["data"]["status"]), (202, &json!("running")), "{answer}");
    stack.wait_for_delayed("WebhookQueue", 1).await;
    assert_eq!(receiver.count(), 3 + of_message);
    stack.pass(Duration::from_secs(2 * 3600));
    receiver.wait_for_calls(6 + of_message).await;
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

    let done = replay(&stack, &path, since, stack.now()).await;
    assert_eq!((&done["messages"], &done["events"]), (&json!(MESSAGES), &json!(MESSAGES)));
    let calls = receiver.wait_for_calls(2 * MESSAGES).await;
    assert_eq!((published(&calls), calls.len()), (first, 2 * MESSAGES));
    let again = json!({ "since": stack.now().minus(Duration::from_secs(1)).to_string() });
    assert_eq!(stack.call(&format!("POST {path}/replay"), again).await.0, 202, "the first one is done");
}

/// The status and the code of the request for a replay of the last hour.
async fn start_replay(stack: &TestStack, path: &str) -> (u16, Value) {
    let body = json!({ "since": stack.now().minus(Duration::from_secs(3600)).to_string() });
    let (status, answer) = stack.call(&format!("POST {path}/replay"), body).await;
    (status, answer["error"]["code"].clone())
}

#[tokio::test]
async fn a_webhook_has_one_replay_in_progress_and_an_account_a_bounded_number() {
    const MOST: usize = 5;
    let stack = unconsumed().await; // so that no replay progresses
    let receiver = WebhookReceiver::start().await;
    let mut paths = Vec::new();
    for _ in 0..=MOST {
        paths.push(stack.webhook_for(&receiver, &EVENTS).await);
    }
    let answers = join_all((0..6).map(|_| start_replay(&stack, &paths[0]))).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 202).count(), 1, "{answers:?}");
    let refused: Vec<_> = answers.iter().filter(|(status, _)| *status != 202).collect();
    assert!(refused.iter().all(|answer| **answer == (409, json!("replay_in_progress"))), "{answers:?}");
    for path in &paths[1..MOST] {
        assert_eq!(start_replay(&stack, path).await.0, 202);
    }
    assert_eq!(start_replay(&stack, &paths[MOST]).await, (409, json!("limit_reached")));
    assert_eq!(stack.visible("WebhookQueue").await, MOST);
    stack.pass(Duration::from_secs(15 * 60 + 1)); // as if their processes had died
    assert_eq!(start_replay(&stack, &paths[0]).await.0, 202);
}

/// Copies of a message that failed, which publish nothing.
async fn insert_copies(stack: &TestStack, id: &MessageId, count: usize) {
    let failed = stack.record(id).await;
    for _ in 0..count {
        let id = MessageId::generate();
        let history_key = history_key(failed.created_at, &id);
        let copy = Message { id, history_key, publishes: None, ..failed.clone() };
        stack.messages.insert(&copy).await.expect("the table takes it");
    }
}

#[tokio::test]
async fn a_replay_pauses_after_a_bounded_number_of_events() {
    const MESSAGES: usize = 140; // more than a step's, and less than two
    const ENQUEUED: &str = "WebhookDeadLetters";
    const RECEIVES: usize = 100; // more than the messages take
    let folder = tempfile::tempdir().expect("a folder");
    // What `notify` enqueues goes to a queue that nobody consumes; the first step comes from its own.
    let own = "WEBHOOK_QUEUE_URL: !Ref WebhookQueue\n          WEBHOOK_DEAD_LETTERS_URL";
    let other = "WEBHOOK_QUEUE_URL: !Ref WebhookDeadLetters\n          WEBHOOK_DEAD_LETTERS_URL";
    let template = changed(folder.path(), own, other);
    let stack = TestStack::start_with(PROGRAM, |options| options.template = template).await;
    let id = stack.send_text("1555131047", "fails").await;
    stack.wait_for_status(&id, "failed").await;
    insert_copies(&stack, &id, MESSAGES - 1).await;
    let path = stack.webhook_for(&WebhookReceiver::start().await, &["message.failed"]).await;
    assert_eq!(start_replay(&stack, &path).await.0, 202);
    let (mut events, mut step) = (0, None);
    for _ in 0..RECEIVES {
        if step.is_some() {
            break;
        }
        let request = stack.stack.clients.sqs.receive_message().queue_url(stack.queue_url(ENQUEUED));
        let request = request.max_number_of_messages(10).wait_time_seconds(1);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        for message in request.send().await.expect("the queue answers").messages.unwrap_or_default() {
            let body: Value = serde_json::from_str(message.body().unwrap_or_default()).expect("JSON");
            let is_step = body.get("replayId").is_some();
            events += usize::from(!is_step && path.ends_with(body["webhookId"].as_str().unwrap_or("none")));
            step = step.or(is_step.then_some(message));
        }
    }
    assert!((100..MESSAGES).contains(&events), "{events} events in one step");
    let attributes = step.and_then(|step| step.attributes).expect("attributes");
    let time = |name| attributes.get(&name).and_then(|time: &String| time.parse::<i64>().ok()).expect("a time");
    let sent = time(MessageSystemAttributeName::SentTimestamp);
    let received = time(MessageSystemAttributeName::ApproximateFirstReceiveTimestamp);
    assert!(received - sent >= 1000, "the next step comes after a pause");
}

/// Replays a period to the webhook at `path`, and returns what is shown of the replay when it is done.
pub async fn replay(stack: &TestStack, path: &str, since: Timestamp, until: Timestamp) -> Value {
    let body = json!({ "since": since.to_string(), "until": until.to_string() });
    let (status, answer) = stack.call(&format!("POST {path}/replay"), body).await;
    assert_eq!(status, 202, "{answer}");
    let progress = format!("GET {path}/replays/{}", answer["data"]["replayId"].as_str().expect("an id"));
    let done = || async {
        let (_, shown) = stack.call(&progress, Value::Null).await;
        Some(shown["data"].clone()).filter(|shown| shown["status"] == "done")
    };
    eventually("the replay's end", done).await
}

/// Replays a period to a new webhook and returns the events that it got.
async fn replayed(stack: &TestStack, since: Timestamp, until: Timestamp) -> Vec<(String, String)> {
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &EVENTS).await;
    let done = replay(stack, &path, since, until).await;
    let count = done["events"].as_u64().and_then(|count| usize::try_from(count).ok()).expect("a number");
    let calls = receiver.wait_for_calls(count).await;
    assert_eq!(calls.len(), count);
    calls.iter().map(|call| (call.message_id().to_owned(), call.event().to_owned())).collect()
}

#[tokio::test]
async fn a_replay_of_a_time_range_contains_events_of_messages_from_before_it() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let report = async |status: &str| {
        stack.pass(Duration::from_secs(10));
        let since = stack.now();
        let mut update = callbacks.status(status);
        update["timestamp"] = json!(since.secs().to_string());
        assert_eq!(callbacks.report(&[update]).await, 200);
        stack.webhook.wait_for(id.as_str(), &format!("message.{status}")).await;
        (since.minus(Duration::from_secs(2)), stack.now())
    };
    report("sent").await;
    stack.pass(Duration::from_secs(3600));
    let delivered = report("delivered").await;
    stack.pass(3 * DAY);
    let read = report("read").await;
    stack.pass(60 * DAY); // within the retention
    for ((since, until), event) in [(delivered, "message.delivered"), (read, "message.read")] {
        assert_eq!(replayed(&stack, since, until).await, [(id.to_string(), event.to_owned())]);
    }
    let all = replayed(&stack, delivered.0, read.1).await;
    assert_eq!(all.len(), 2, "{all:?}");
}

#[tokio::test]
async fn a_replay_of_a_time_range_contains_failures_of_messages_from_long_before_it() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    assert_eq!(callbacks.report(&[callbacks.status("sent")]).await, 200);
    stack.pass(Duration::from_secs(3 * 24 * 60 * 60));
    let since = stack.now();
    let mut failed = callbacks.status("failed");
    failed["timestamp"] = json!(since.secs().to_string());
    failed["errors"] = json!([{ "code": 131_026, "title": "Message undeliverable" }]);
    assert_eq!(callbacks.report(&[failed]).await, 200);
    stack.webhook.wait_for(id.as_str(), "message.failed").await; // published before the new webhook is there
    let events = replayed(&stack, since.minus(Duration::from_secs(2)), stack.now()).await;
    assert_eq!(events, [(id.to_string(), "message.failed".to_owned())]);
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
