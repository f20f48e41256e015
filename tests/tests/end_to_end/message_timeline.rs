//! The timeline of a message: what its record and the delivery logs say, in the order of time.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::ids::{LogId, MessageId, WebhookId};
use shared::webhook::{AttemptResult, DeliveryLog};
use tests::test_stack::{FAR_AHEAD, TestStack};
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const PHONE: &str = "5511900000001";
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Attempts at webhooks that a timeline shows.
const SHOWN: usize = 100;

async fn timeline(stack: &TestStack, id: &str) -> Value {
    let (status, mut answer) = stack.call(&format!("GET /v1/messages/{id}/timeline"), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].take()
}

fn types(timeline: &Value) -> Vec<&str> {
    let entries = timeline["entries"].as_array().expect("a list");
    entries.iter().map(|entry| entry["type"].as_str().expect("a type")).collect()
}

/// A row of a log about a message, `number` seconds from now.
fn row(stack: &TestStack, about: &MessageId, number: usize) -> DeliveryLog {
    let (result, at) = (AttemptResult::none(), stack.now().plus(Duration::from_secs(number as u64)));
    let row = DeliveryLog::for_test(LogId::generate(), "message.read".to_owned(), &result, at, A_DAY);
    DeliveryLog { subject: Some(about.to_string()), retry_count: u32::try_from(number).expect("small"), ..row }
}

#[tokio::test]
async fn a_timeline_shows_each_status_and_attempts_at_webhooks() {
    let stack = TestStack::start(PROGRAM).await;
    let (logs, fails) = (WebhookReceiver::start().await, WebhookReceiver::start().await);
    let path = stack.webhook_for(&logs, &["message.read"]).await;
    assert_eq!(stack.call(&format!("PUT {path}"), json!({ "logSuccess": true })).await.0, 200);
    stack.webhook_for(&fails, &["message.sent"]).await;
    fails.answer_with([StatusCode::BAD_GATEWAY]);
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&id, "read").await;
    let complete = || async {
        let timeline = timeline(&stack, id.as_str()).await;
        let attempts = types(&timeline).iter().filter(|kind| **kind == "webhookAttempt").count();
        (attempts == 2).then_some(timeline)
    };
    let timeline = eventually("both attempts to be logged", complete).await;
    let entries = timeline["entries"].as_array().expect("a list");
    let mut of_record: Vec<_> = types(&timeline).into_iter().filter(|kind| *kind != "webhookAttempt").collect();
    assert_eq!(of_record[0], "accepted");
    of_record.sort_unstable(); // a callback may be faster than WhatsApp's answer
    assert_eq!(of_record, ["accepted", "delivered", "read", "sent"]);
    let times: Vec<_> = entries.iter().map(|entry| entry["at"].as_str().expect("a time")).collect();
    assert!(times.is_sorted(), "{times:?}");
    let record = stack.record(&id).await;
    let sent = entries.iter().find(|entry| entry["type"] == "sent").expect("sent");
    assert_eq!(sent["providerId"].as_str(), record.provider_id.as_deref());
    let attempt = |event: &str| {
        let is_it = |entry: &&Value| entry["webhook"]["event"] == event;
        entries.iter().find(is_it).expect("an attempt")["webhook"].clone()
    };
    let (failed, succeeded) = (attempt("message.sent"), attempt("message.read"));
    assert_eq!((&failed["status"], &failed["statusCode"]), (&json!("failed"), &json!(502)));
    assert!(failed["error"].is_string() && failed["nextRetryAt"].is_string(), "{failed}");
    assert_eq!((&succeeded["status"], &succeeded["statusCode"]), (&json!("success"), &json!(200)));
    assert!(path.ends_with(succeeded["webhookId"].as_str().expect("an id")));
    assert_eq!((&timeline["attempts"], &timeline["status"]), (&json!(1), &json!("read")));
    assert_eq!(timeline["notShown"], json!(["successful_webhook_attempts"]));
}

#[tokio::test]
async fn a_timeline_says_why_a_message_failed_or_when_it_is_due() {
    let stack = TestStack::start(PROGRAM).await;
    let again = stack.send_text("15561131056", "is refused once").await;
    let failed = stack.send_text("1555131047", "refused").await;
    stack.wait_for_status(&failed, "failed").await;
    let of_failed = timeline(&stack, failed.as_str()).await;
    assert_eq!(types(&of_failed), ["accepted", "failed"]);
    assert_eq!(of_failed["entries"][1]["error"]["providerCode"], 131_047);
    stack.wait_for_attempt(&again, 1).await;
    stack.pass(FAR_AHEAD);
    stack.wait_for_status(&again, "read").await;
    let of_again = timeline(&stack, again.as_str()).await;
    assert_eq!(of_again["attempts"], 2);
    assert_eq!(of_again["notShown"][0], "earlier_attempts", "{of_again}");

    assert!(of_again["outcomeUnknown"].is_null());
    let unknown = stack.send_text("15550100019", "is taken or not").await;
    stack.wait_until_unknown(&unknown).await;
    let of_unknown = timeline(&stack, unknown.as_str()).await;
    assert_eq!((&of_unknown["status"], &of_unknown["outcomeUnknown"]), (&json!("queued"), &json!(true)));

    stack.book_ahead(FAR_AHEAD).await;
    let waits = json!({ "instanceId": "inst_abc123", "to": PHONE, "message": "later", "expiresIn": 600 });
    let waits = stack.send(waits).await;
    let of_waiting = timeline(&stack, waits.as_str()).await;
    assert_eq!(types(&of_waiting), ["accepted", "due", "expires"]);
    let record = stack.record(&waits).await;
    assert_eq!(of_waiting["entries"][1]["at"], record.slot.to_string());
    assert_eq!(of_waiting["entries"][2]["at"], record.deadline.to_string());
    assert_eq!(types(&timeline(&stack, "msg_original123").await)[0], "received");
}

#[tokio::test]
async fn a_timeline_is_bounded_and_belongs_to_one_account() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&id, "read").await;
    let webhooks = [WebhookId::generate(), WebhookId::generate()];
    for number in 0..=SHOWN {
        let webhook = &webhooks[number % webhooks.len()];
        stack.accounts.put_delivery_log(webhook, &row(&stack, &id, number)).await.expect("the table takes it");
    }
    let timeline = timeline(&stack, id.as_str()).await;
    let attempts = timeline["entries"].as_array().expect("a list").iter().filter_map(|entry| entry.get("webhook"));
    let numbers: Vec<_> = attempts.map(|attempt| attempt["retryCount"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, (1..=SHOWN as u64).collect::<Vec<_>>(), "the newest, in the order of time, of any webhook");
    assert_eq!(timeline["notShown"], json!(["successful_webhook_attempts", "older_webhook_attempts"]));

    let other = stack.open_account(Plan::Free, 100).await;
    let other = stack.key(&other, Scope::ALL, None).await;
    let path = format!("GET /v1/messages/{id}/timeline");
    assert_eq!(stack.call_as(&other, &path, Value::Null).await.0, 404);
    assert_eq!(stack.erase(PHONE).await["erased"], 1);
    assert_eq!(stack.call(&path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn attempts_at_webhooks_take_the_scope_to_read_webhooks() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&id, "read").await;
    let key = stack.key(&stack.customer.account_id, &[Scope::MessagesRead], None).await;
    let (status, answer) = stack.call_as(&key, &format!("GET /v1/messages/{id}/timeline"), Value::Null).await;
    assert_eq!((status, &answer["data"]["notShown"]), (200, &json!(["webhook_attempts"])), "{answer}");
    assert!(!types(&answer["data"]).contains(&"webhookAttempt"));
}
