//! What an erasure does about copies: no attempt at a webhook that begins after it carries the message, and what delivery
//! logs and dead letters hold of the message is gone.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::ids::LogId;
use shared::webhook::{AttemptResult, DeliveryLog, WebhookDelivery};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::{FAR_AHEAD, TestStack};
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const PHONE: &str = "5511900000009";
const TEXT: &str = "a word between us";
const RECEIVED: &[&str] = &["message.received"];
/// Longer than the wait before the second attempt at a webhook.
const NEXT_ATTEMPT: Duration = Duration::from_secs(34);
/// Longer than the wait before the logs are redacted for the second time.
const SECOND_REDACTION: Duration = Duration::from_secs(15 * 60 + 1);

/// The callback of a message of the person to the customer's number.
fn inbound(stack: &TestStack, id: &str) -> String {
    let message = json!({ "from": PHONE, "id": id, "timestamp": stack.now().secs().to_string(), "type": "text",
        "text": { "body": TEXT } });
    let value = json!({ "metadata": { "phone_number_id": "106540352242922" }, "messages": [message] });
    json!({ "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }] }).to_string()
}

async fn receive(stack: &TestStack, id: &str) {
    assert_eq!(stack.post_callback(&inbound(stack, id), None).await, 200);
}

async fn log(stack: &TestStack, webhook: &str) -> Vec<Value> {
    let (status, logs) = stack.call(&format!("GET {webhook}/logs"), Value::Null).await;
    assert_eq!(status, 200, "{logs}");
    logs["data"].as_array().cloned().unwrap_or_default()
}

/// Waits for the only row of a webhook's log, once it is as `is_right` says.
async fn wait_for_row(stack: &TestStack, webhook: &str, is_right: impl Fn(&Value) -> bool) -> Value {
    let row = || async { log(stack, webhook).await.pop().filter(|row| is_right(row)) };
    eventually("a row of the log", row).await
}

fn has_response(row: &Value) -> bool {
    row["response"].as_str().is_some_and(|response| response.contains(TEXT))
}

/// Items of a table that contain the text.
async fn items_with(stack: &TestStack, table: &str, text: &str) -> usize {
    let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables[table]).send().await;
    scan.expect("the table answers").items().iter().filter(|item| format!("{item:?}").contains(text)).count()
}

async fn assert_nothing_is_left(stack: &TestStack) {
    for text in [TEXT, PHONE] {
        assert_eq!((items_with(stack, "Messages", text).await, items_with(stack, "Accounts", text).await), (0, 0));
    }
}

/// Waits until `notify` has refused an attempt for the erasure so many times.
async fn wait_for_refusals(stack: &TestStack, count: usize) {
    let refused = || async { (stack.logs().matches("webhook.event_erased").count() >= count).then_some(()) };
    eventually("the event of an erased message", refused).await;
}

async fn wait_for_redaction(stack: &TestStack) {
    let redacted = || async { stack.logs().contains("delivery_log.redacted").then_some(()) };
    eventually("the logs to be redacted", redacted).await;
}

#[tokio::test]
async fn a_webhook_retry_after_an_erasure_posts_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    receive(&stack, "wamid.1").await;
    stack.webhook.wait_for_calls(1).await;
    stack.wait_for_delayed("WebhookQueue", 1).await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    stack.wait_for_delayed("WebhookQueue", 2).await; // the retry and the second redaction
    stack.pass(NEXT_ATTEMPT);
    stack.wait_for_delayed("WebhookQueue", 1).await;
    assert_eq!(stack.webhook.count(), 1);
    assert_nothing_is_left(&stack).await;
}

#[tokio::test]
async fn an_erasure_says_what_it_cannot_reach_and_until_when() {
    let stack = TestStack::start(PROGRAM).await;
    let path = format!("DELETE /v1/admin/accounts/{}/phones/{PHONE}", stack.customer.account_id);
    let (status, answer) = stack.operate(&path, Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    let copies = answer["data"]["copies"].as_array().expect("a list");
    let days = |place: &str| {
        let copy = copies.iter().find(|copy| copy["place"] == place).expect("the place");
        let until: Timestamp = copy["until"].as_str().and_then(|until| until.parse().ok()).expect("a time");
        stack.now().until(until).as_secs().div_ceil(24 * 60 * 60)
    };
    assert_eq!([days("streams"), days("deadLetters"), days("backups")], [1, 14, 35], "{answer}");
}

#[tokio::test]
async fn an_erasure_removes_echoed_bodies_and_waiting_events_from_the_logs() {
    let (stack, receiver) = (TestStack::start(PROGRAM).await, WebhookReceiver::start().await);
    let webhook = stack.webhook_for(&receiver, RECEIVED).await;
    receiver.echo();
    receiver.answer_retry_after(1, 3600);
    receive(&stack, "wamid.1").await;
    wait_for_row(&stack, &webhook, |row| has_response(row) && row["nextRetryAt"].is_string()).await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    wait_for_row(&stack, &webhook, |row| row["response"].is_null() && row["nextRetryAt"].is_null()).await;
    assert_nothing_is_left(&stack).await;
    stack.pass(Duration::from_secs(2 * 60 * 60));
    assert_eq!((stack.waiting_deliveries().await, receiver.count()), (0, 1));
}

#[tokio::test]
async fn the_row_of_an_attempt_in_progress_during_an_erasure_is_redacted_later() {
    let (stack, receiver) = (TestStack::start(PROGRAM).await, WebhookReceiver::start().await);
    let webhook = stack.webhook_for(&receiver, RECEIVED).await;
    receiver.echo();
    receiver.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    receiver.hold();
    receive(&stack, "wamid.1").await;
    receiver.wait_for_calls(1).await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    wait_for_redaction(&stack).await;
    receiver.release();
    wait_for_row(&stack, &webhook, has_response).await;
    stack.wait_for_delayed("WebhookQueue", 2).await; // the retry and the second redaction
    stack.pass(SECOND_REDACTION);
    wait_for_row(&stack, &webhook, |row| row["response"].is_null()).await;
    wait_for_refusals(&stack, 1).await;
    assert_eq!(receiver.count(), 1);
    assert_nothing_is_left(&stack).await;
}

#[tokio::test]
async fn a_dead_letter_holds_nothing_of_the_message_and_is_never_posted() {
    let (stack, receiver) = (TestStack::start(PROGRAM).await, WebhookReceiver::start().await);
    let webhook = stack.webhook_for(&receiver, RECEIVED).await;
    receiver.answer_with([StatusCode::GONE]);
    receive(&stack, "wamid.1").await;
    let (sqs, letters) = (&stack.stack.clients.sqs, stack.queue_url("WebhookDeadLetters"));
    let letter = eventually("the dead letter", || async {
        sqs.receive_message().queue_url(&letters).send().await.expect("the queue answers").messages?.pop()
    })
    .await;
    let body = letter.body().expect("a body");
    assert!(body.contains("message.received") && !body.contains(TEXT) && !body.contains(PHONE), "{body}");
    assert_eq!(stack.call(&format!("PUT {webhook}"), json!({ "status": "active" })).await.0, 200);
    let redrive = sqs.send_message().queue_url(stack.queue_url("WebhookQueue")).message_body(body);
    redrive.message_group_id("redriven").send().await.expect("the queue takes it");
    let again = || async { (stack.visible("WebhookDeadLetters").await == 1).then_some(()) };
    eventually("the dead letter to return", again).await;
    assert_eq!(receiver.count(), 1);
}

#[tokio::test]
async fn a_callback_that_meta_repeats_does_not_bring_an_erased_message_back() {
    let stack = TestStack::start(PROGRAM).await;
    let callback = inbound(&stack, "wamid.1");
    assert_eq!(stack.post_callback(&callback, None).await, 200);
    stack.webhook.wait_for_calls(1).await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    assert_eq!(stack.post_callback(&callback, None).await, 200);
    assert_nothing_is_left(&stack).await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 0, "remaining": 0 }));
}

#[tokio::test]
async fn a_message_that_comes_in_during_an_erasure_is_erased_too() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    receive(&stack, "wamid.1").await;
    dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::FreezeAfter])]);
    let meanwhile = async {
        dynamodb.wait_until_frozen().await;
        receive(&stack, "wamid.2").await;
        dynamodb.resume();
    };
    assert_eq!(tokio::join!(stack.erase(PHONE), meanwhile).0, json!({ "erased": 2, "remaining": 0 }));
    assert_nothing_is_left(&stack).await;
}

#[tokio::test]
async fn an_event_of_a_message_that_came_in_during_an_erasure_is_not_posted() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    receive(&stack, "wamid.1").await;
    stack.webhook.wait_for_calls(1).await;
    stack.webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::FreezeAfter])]);
    let meanwhile = async {
        dynamodb.wait_until_frozen().await;
        receive(&stack, "wamid.2").await;
        stack.webhook.wait_for_calls(2).await;
        dynamodb.resume();
    };
    assert_eq!(tokio::join!(stack.erase(PHONE), meanwhile).0, json!({ "erased": 2, "remaining": 0 }));
    stack.wait_for_delayed("WebhookQueue", 3).await; // the retry and the second redaction of each
    stack.pass(NEXT_ATTEMPT);
    wait_for_refusals(&stack, 1).await;
    assert_eq!(stack.webhook.count(), 2);
}

#[tokio::test]
async fn an_erasure_that_takes_too_long_asks_to_be_repeated() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    receive(&stack, "wamid.1").await;
    dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
    let path = format!("DELETE /v1/admin/accounts/{}/phones/{PHONE}", stack.customer.account_id);
    let meanwhile = async {
        dynamodb.wait_until_frozen().await;
        stack.pass(Duration::from_secs(11));
        dynamodb.resume();
    };
    let ((status, answer), ()) = tokio::join!(stack.operate(&path, Value::Null), meanwhile);
    assert_eq!((status, &answer["data"]["erased"], &answer["data"]["hasMore"]), (200, &json!(1), &json!(true)));
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 0, "remaining": 0 }));
}

#[tokio::test]
async fn of_two_erasures_at_once_neither_reports_what_the_other_erased_as_remaining() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    stack.book_ahead(FAR_AHEAD).await;
    let id = stack.send_text(PHONE, TEXT).await;
    stack.wait_until_returned("BulkQueue.fifo", [&id]).await;
    dynamodb.inject([FaultAt("manage", "BatchGetItem", 1, &[Fault::FreezeAfter])]);
    let meanwhile = async {
        dynamodb.wait_until_frozen().await;
        assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
        dynamodb.resume();
    };
    assert_eq!(tokio::join!(stack.erase(PHONE), meanwhile).0["remaining"], json!(0));
    assert_nothing_is_left(&stack).await;
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
}

#[tokio::test]
async fn an_erasure_during_a_replay_stops_the_replayed_events() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let since = stack.now().minus(Duration::from_secs(60));
    let webhook = stack.webhook_for(&receiver, RECEIVED).await;
    receive(&stack, "wamid.1").await;
    receiver.wait_for_calls(1).await;
    stack.webhook.wait_for_calls(1).await;
    dynamodb.inject([FaultAt("notify", "BatchGetItem", 1, &[Fault::FreezeAfter])]);
    let replay = json!({ "since": since.to_string(), "until": stack.now().plus(Duration::from_secs(1)).to_string() });
    stack.pass(Duration::from_secs(2));
    assert_eq!(stack.call(&format!("POST {webhook}/replay"), replay).await.0, 202);
    dynamodb.wait_until_frozen().await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    dynamodb.resume();
    wait_for_refusals(&stack, 1).await;
    assert_eq!((receiver.count(), stack.webhook.count()), (1, 1));
}

#[tokio::test]
async fn a_webhook_that_is_created_after_an_erasure_gets_no_earlier_event() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    dynamodb.set_faults(|call, _| match (call.caller.as_str(), call.operation.as_str()) {
        ("notify", "Query") => Fault::Unavailable, // the event stays in the stream: its webhooks cannot be read
        _ => Fault::None,
    });
    receive(&stack, "wamid.1").await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    stack.webhook_for(&receiver, RECEIVED).await;
    dynamodb.set_faults(|_, _| Fault::None);
    wait_for_refusals(&stack, 2).await;
    assert_eq!((receiver.count(), stack.webhook.count()), (0, 0));
}

#[tokio::test]
async fn any_number_of_rows_about_a_message_is_redacted_apart_from_the_stream() {
    const ROWS: usize = 600; // more than a page
    let stack = TestStack::start(PROGRAM).await;
    let (account, webhook) = (&stack.customer.account_id, stack.register(&stack.webhook).await);
    receive(&stack, "wamid.1").await;
    let call = stack.webhook.wait_for_calls(1).await.remove(0);
    let now = stack.now();
    let delivery = WebhookDelivery {
        account_id: account.clone(),
        webhook_id: webhook.clone(),
        id: "evt_replayed".to_owned(),
        event: "message.received".to_owned(),
        subject: call.message_id().to_owned(),
        body: String::new(),
        message_at: None,
        attempts: 1,
        due: now,
        first: now,
        operator: false,
    };
    let row = DeliveryLog::new(&delivery, &AttemptResult::none(), now, Duration::from_secs(24 * 60 * 60));
    for _ in 0..ROWS {
        let row = DeliveryLog { id: LogId::generate(), response: Some(TEXT.to_owned()), ..row.clone() };
        stack.accounts.put_delivery_log(&webhook, &row).await.expect("the table takes it");
    }
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    let pages = || async { (stack.logs().matches("delivery_log.redacted").count() == 2).then_some(()) };
    eventually("both pages to be redacted", pages).await;
    let message = call.message_id().parse().expect("an id");
    let rows = stack.accounts.message_attempts(&message, 2 * ROWS).await.expect("the table answers").rows;
    assert!(rows.len() >= ROWS && rows.iter().all(|(_, row)| row.response.is_none()), "{}", rows.len());
}
