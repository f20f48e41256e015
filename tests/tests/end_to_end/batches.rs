//! Batches: one charge for many messages, which leave in turn with other batches and beside other messages of the number.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ids::MessageId;
use shared::ledger::ledger_item::{batch_slot_attribute, slot_attribute};
use shared::ledger::rate_limit::micros;
use shared::ledger::{SendSlots, WaitingMessages, WaitingSlots, WantedSlots};
use shared::message::State;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::event;

const BATCH: &str = "POST /v1/messages/batch";
/// Longer than the schedule's minute.
pub const A_MINUTE: Duration = Duration::from_secs(61);

/// A batch of texts to so many recipients, whose numbers begin with `prefix`.
pub fn texts(prefix: &str, recipients: usize) -> Value {
    let recipients: Vec<_> = (0..recipients).map(|at| json!({ "to": format!("{prefix}{at:04}") })).collect();
    json!({ "instanceId": "inst_abc123", "message": "offer", "recipients": recipients })
}

/// Sends a batch that is accepted.
pub async fn send(stack: &TestStack, batch: Value) -> Value {
    let (status, answer) = stack.call(BATCH, batch).await;
    assert_eq!(status, 202, "{answer}");
    answer
}

/// What `GET /v1/batches/{batchId}` shows.
pub async fn progress(stack: &TestStack, accepted: &Value) -> Value {
    let id = accepted["batchId"].as_str().expect("an id");
    let (status, answer) = stack.call(&format!("GET /v1/batches/{id}"), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].clone()
}

/// Waits until a batch is complete, while minutes pass, each when what was due before is done.
pub async fn wait_until_complete(stack: &TestStack, accepted: &Value) -> Value {
    loop {
        let shown = progress(stack, accepted).await;
        if !shown["completedAt"].is_null() {
            return shown;
        }
        let_settle_run(stack, A_MINUTE).await;
        stack.wait_until_idle("deliver").await;
    }
}

/// Lets a time pass that is longer than the schedule's minute, until `settle` has done what was due by then.
pub async fn let_settle_run(stack: &TestStack, time: Duration) {
    let settle = &stack.stack.functions["settle"];
    let runs = settle.invocations();
    stack.pass(time);
    let has_run = || async { (settle.invocations() > runs && settle.concurrent_executions() == 0).then_some(()) };
    eventually("settle to run", has_run).await;
}

#[tokio::test]
async fn a_batch_is_charged_once_and_each_recipient_gets_its_message() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &["message.read", "batch.completed"]).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let batch = json!({ "instanceId": "inst_abc123", "message": "offer", "metadata": { "campaign": 1 }, "recipients": [
        { "to": "5511900000001", "reference": "one" },
        { "to": "+55" },
        { "to": "11966660001" },
        { "to": "5511900000002", "message": "another offer", "metadata": { "campaign": 2 } },
        { "to": "5511900000003", "caption": "x" },
    ] });
    let accepted = send(&stack, batch).await;
    assert_eq!((&accepted["accepted"], &accepted["status"]), (&json!(2), &json!("queued")), "{accepted}");
    let rejected = accepted["rejected"].as_array().expect("a list");
    let of = |at: usize| [&rejected[at]["index"], &rejected[at]["code"], &rejected[at]["field"]].map(Clone::clone);
    assert_eq!(of(0), [json!(1), json!("invalid_phone_number"), json!("to")]);
    assert_eq!(of(1), [json!(2), json!("invalid_phone_number"), json!("to")]);
    assert_eq!(of(2), [json!(4), json!("invalid_request"), json!("caption")]);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 2);
    let messages = accepted["messages"].as_array().expect("a list");
    assert_eq!([&messages[0]["index"], &messages[1]["index"]], [&json!(0), &json!(3)]);
    for message in messages {
        let id: MessageId = message["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        stack.wait_for_status(&id, "read").await;
    }
    let id = messages[1]["messageId"].as_str().expect("an id");
    let read = webhook.wait_for(id, "message.read").await;
    assert_eq!(
        serde_json::from_slice::<Value>(&read.body).expect("JSON")["data"]["metadata"],
        json!({ "campaign": 2 })
    );

    let shown = wait_until_complete(&stack, &accepted).await;
    assert_eq!((&shown["accepted"], &shown["rejected"], &shown["counts"]["read"]), (&json!(2), &json!(3), &json!(2)));
    let completed = event(&webhook, "batch.completed").await;
    assert_eq!(completed["batchId"], accepted["batchId"], "{completed}");
    assert_eq!(completed["counts"]["queued"], 0);

    let query = format!("GET /v1/messages?batchId={}", accepted["batchId"].as_str().expect("an id"));
    let (_, first) = stack.call(&format!("{query}&limit=1"), Value::Null).await;
    assert_eq!((&first["data"][0]["reference"], &first["data"][0]["batchId"]), (&json!("one"), &accepted["batchId"]));
    let after = first["pagination"]["nextCursor"].as_str().expect("a cursor");
    let (_, second) = stack.call(&format!("{query}&after={after}"), Value::Null).await;
    assert_eq!((&second["data"][0]["messageId"], &second["pagination"]["hasMore"]), (&json!(id), &json!(false)));
    assert_eq!(second["data"][0]["content"], "another offer");
    let (status, refused) = stack.call(&format!("{query}&phone=5511900000001"), Value::Null).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("phone")));
    let (_, of_instance) = stack.call(&format!("{query}&instanceId=inst_abc123"), Value::Null).await;
    assert_eq!(of_instance["data"].as_array().map(Vec::len), Some(2), "{of_instance}");
    let (status, refused) = stack.call(&format!("{query}&instanceId=inst_other"), Value::Null).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("instanceId")));

    let (_, listed) = stack.call("GET /v1/batches?instanceId=inst_abc123", Value::Null).await;
    assert_eq!(
        (&listed["data"][0]["batchId"], &listed["data"][0]["status"]),
        (&accepted["batchId"], &json!("completed"))
    );
    let (status, canceled) =
        stack.call(&format!("DELETE /v1/batches/{}", accepted["batchId"].as_str().expect("an id")), Value::Null).await;
    assert_eq!((status, &canceled["data"]["status"]), (200, &json!("completed")), "nothing was left to cancel");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 2);
}

#[tokio::test]
async fn a_batch_that_cannot_be_accepted_names_the_field_and_costs_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let (status, refused) = stack.call(BATCH, json!({ "instanceId": "inst_abc123", "message": "x" })).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("recipients")), "{refused}");
    let none = json!({ "instanceId": "inst_abc123", "message": "x", "recipients": [{ "to": "+5" }, { "to": "x" }] });
    let (status, refused) = stack.call(BATCH, none).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("recipients[0].to")), "{refused}");
    let mut unknown = texts("551190000", 3);
    unknown["template"] = json!({ "name": "nobody_made_it", "language": "en_US" });
    unknown.as_object_mut().expect("an object").remove("message");
    let (status, refused) = stack.call(BATCH, unknown).await;
    let told = &refused["error"];
    assert_eq!((status, &told["code"]), (400, &json!("template_not_found")), "{refused}");
    assert!(told["field"].as_str().is_some_and(|field| field.starts_with("template")), "{refused}");
    let (status, refused) =
        stack.call(BATCH, json!({ "recipients": [{ "to": "5511900000001" }], "message": "x" })).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("instanceId")), "{refused}");
    let (status, refused) = stack.call("GET /v1/batches/batch_nobody", Value::Null).await;
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("batch_not_found")), "{refused}");
    let (status, refused) = stack.call("GET /v1/messages?batchId=batch_nobody", Value::Null).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("batchId")), "{refused}");
    let poor = stack.open_account(shared::account::Plan::Pro, 2).await;
    stack.copy_instance_to(&poor, "inst_abc123").await;
    let key = stack.key(&poor, shared::account::api_key::Scope::ALL, None).await;
    let (status, refused) = stack.call_as(&key, BATCH, texts("551190000", 3)).await;
    assert_eq!((status, &refused["error"]["code"]), (402, &json!("insufficient_credits")), "{refused}");
    assert_eq!(stack.ledger(&poor).await.credits, 2);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_list_of_batches_goes_on_behind_a_cursor_and_behind_nothing_else() {
    let stack = TestStack::start(PROGRAM).await;
    let first = send(&stack, texts("551190000", 1)).await;
    let second = send(&stack, texts("551191111", 1)).await;
    let list = async |query: &str| stack.call(&format!("GET /v1/batches?limit=1{query}"), Value::Null).await;
    let (_, page) = list("").await;
    assert_eq!(page["data"][0]["batchId"], second["batchId"], "{page}");
    let cursor = page["pagination"]["nextCursor"].as_str().expect("a cursor");
    let (status, page) = list(&format!("&after={cursor}")).await;
    assert_eq!((status, &page["data"][0]["batchId"]), (200, &first["batchId"]), "{page}");
    let (begin, last) = cursor.split_at(cursor.len() - 1);
    let other = if last == "1" { "2" } else { "1" };
    for mangled in [format!("{cursor}1"), begin.to_owned(), format!("{begin}{other}"), "x".to_owned()] {
        let (status, refused) = list(&format!("&after={mangled}")).await;
        assert_eq!((status, &refused["error"]["field"]), (400, &json!("after")), "{mangled} {refused}");
    }
    let (status, page) = list("&after=0000000000001.batch_forgotten").await;
    assert_eq!((status, &page["data"]), (200, &json!([])), "the table has deleted what follows as well");
}

#[tokio::test]
async fn a_repeat_with_the_same_key_has_the_same_answer_and_no_effect() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let post = |body: Value| {
        let url = format!("{}/v1/messages/batch", stack.stack.addresses.api);
        let request = stack.http.post(url).bearer_auth(stack.customer.api_key.expose_secret()).body(body.to_string());
        async move {
            let answer = request.header("Idempotency-Key", "campaign-1").send().await.expect("an answer");
            let status = answer.status();
            (status, serde_json::from_str::<Value>(&answer.text().await.expect("a body")).expect("JSON"))
        }
    };
    // Two at once: one is accepted, and the other has the same answer or is told to wait.
    let (one, other) = tokio::join!(post(texts("551190000", 20)), post(texts("551190000", 20)));
    let (status, accepted) = if one.0 == StatusCode::ACCEPTED { one.clone() } else { other.clone() };
    assert_eq!(status, StatusCode::ACCEPTED, "{one:?} {other:?}");
    for (status, answer) in [one, other] {
        let is_same = status == StatusCode::ACCEPTED && answer["messages"] == accepted["messages"];
        assert!(is_same || answer["error"]["code"] == "idempotency_in_progress", "{answer}");
    }
    let (status, repeated) = post(texts("551190000", 20)).await;
    let same =
        |answer: &Value| ["batchId", "accepted", "rejected", "messages", "timestamp"].map(|it| answer[it].clone());
    assert_eq!((status, same(&repeated)), (StatusCode::ACCEPTED, same(&accepted)));
    let (status, refused) = post(texts("551190000", 21)).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("idempotency_key_reused"))
    );
    let (made, told) = (accepted["batchId"].as_str().expect("an id"), refused["error"]["message"].as_str());
    assert!(told.expect("a text").contains(made), "{refused}");
    let shown = wait_until_complete(&stack, &accepted).await;
    assert_eq!(shown["accepted"], 20);
    assert_eq!(
        (stack.whatsapp().ledger().taken().len(), stack.ledger(&stack.customer.account_id).await.credits),
        (20, before - 20)
    );
}

/// The slots of a batch's messages, in the order of its recipients, when all have left.
async fn slots(stack: &TestStack, accepted: &Value) -> Vec<i64> {
    let mut slots = Vec::new();
    for message in accepted["messages"].as_array().expect("a list") {
        let id = message["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        slots.push(stack.wait_for_state(&id, State::Sent).await.slot.millis());
    }
    slots
}

#[tokio::test]
async fn batches_of_a_number_take_turns() {
    let stack = TestStack::start(PROGRAM).await;
    stack.whatsapp().callbacks().silence();
    // Both are accepted while the number is paused, the large one first.
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    let large = send(&stack, texts("551190000", 16)).await;
    let small = send(&stack, texts("551191111", 3)).await;
    stack.pass(Duration::from_secs(601));
    let (large, small) = (slots(&stack, &large).await, slots(&stack, &small).await);
    assert!(small.iter().max() < large.iter().max(), "the small one came second and ended first: {large:?} {small:?}");
}

#[tokio::test]
async fn a_batch_is_enqueued_in_portions_and_each_schedules_the_next() {
    let stack = TestStack::start(PROGRAM).await;
    stack.whatsapp().callbacks().silence();
    // A slow number, so that little is to be done however slow the machine is.
    let slow = UpdateBuilder::new().set("number.rate", 20);
    let instance = ItemKey::instance(&stack.customer.account_id, &stack.customer.instance_id);
    stack.accounts.update(instance, &slow).await.expect("the table takes it");
    let accepted = send(&stack, texts("551190000", 200)).await; // 17 seconds of it
    let open = stack.ledger(&stack.customer.account_id).await.reservations;
    assert!(open.is_empty(), "`settle` reads all messages of a reservation: {open:?}");
    // Nothing else is scheduled for `settle` in the seconds to come.
    stack.wait_for_delayed("SettleQueue", 1).await;
    let last = accepted["messages"][199]["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    assert_eq!(stack.record(&last).await.status, State::Queued);
}

#[tokio::test]
async fn a_little_room_is_left_to_the_run_that_was_scheduled() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let (waiting, begun) = (WaitingSlots::new(stack.accounts.clone()), stack.now());
    let (ahead, least) = (Duration::from_secs(8), Duration::from_millis(1500));
    // The first begin a quarter of a second behind what charges may book meanwhile.
    for (after, most, booked) in [(0, 1000, 372), (1200, 1000, 0), (1200, 10, 10), (3000, 1000, 134)] {
        let now = begun.plus(Duration::from_millis(after));
        let of_batches = WaitingMessages::OfBatches { until: now.plus(ahead), least };
        let wanted = WantedSlots { slots: SendSlots { rate: 80 }, most, not_before: now, waiting: of_batches };
        let given = waiting.book(account, instance, wanted, now).await.expect("an answer").expect("a ledger");
        assert_eq!(given.count, booked, "{most} messages after {after} ms");
    }
}

#[tokio::test]
async fn a_canceled_batch_gives_back_what_was_not_sent() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    let hook = stack.webhook_for(&webhook, &["batch.completed"]).await;
    webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR]); // so that the delivery is logged
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    let accepted = send(&stack, texts("551190000", 60)).await;
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 60);
    let path = format!("DELETE /v1/batches/{}", accepted["batchId"].as_str().expect("an id"));
    for _ in 0..2 {
        let (status, canceled) = stack.call(&path, Value::Null).await;
        assert_eq!((status, &canceled["data"]["status"]), (200, &json!("canceled")), "{canceled}");
        assert_eq!(
            (&canceled["data"]["counts"]["failed"], &canceled["data"]["counts"]["queued"]),
            (&json!(60), &json!(0))
        );
        assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    }
    wait_until_complete(&stack, &accepted).await;
    assert_eq!(event(&webhook, "batch.completed").await["canceled"], true);
    let logged = || async {
        let (_, logs) = stack.call(&format!("GET {hook}/logs"), Value::Null).await;
        logs["data"][0]["id"].as_str().map(str::to_owned)
    };
    let row = eventually("the delivery to be logged", logged).await;
    let (status, answer) = stack.call(&format!("POST {hook}/replay"), json!({ "logId": row })).await;
    assert_eq!(status, 202, "{answer}");
    webhook.wait_for_calls(2).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
    let (status, refused) = stack.call(&path.replace("DELETE", "GET"), Value::Null).await;
    assert_eq!((status, &refused["data"]["status"]), (200, &json!("canceled")));
}

#[tokio::test]
async fn single_messages_keep_a_fifth_of_the_rate_while_batches_leave() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let leaving = batch_slot_attribute(instance);
    assert_eq!(stack.ledger(account).await.arrival(&leaving), 0);
    let begun = micros(stack.now());
    let batch = send(&stack, texts("551190000", 2)).await;
    slots(&stack, &batch).await;
    assert!(stack.ledger(account).await.arrival(&leaving) > begun, "the slots are those of batches");
    // Nothing leaves, so that no message misses its slot.
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    stack.book_ahead(Duration::from_secs(5)).await;
    for (is_leaving, interval) in [(false, 15_625), (true, 62_500)] {
        let until = if is_leaving { micros(stack.now().plus(Duration::from_secs(60))) } else { 0 };
        let until = UpdateBuilder::new().set(&leaving, until);
        stack.accounts.update(ItemKey::ledger(account), &until).await.expect("an answer");
        let before = stack.ledger(account).await.arrival(&slot_attribute(instance));
        stack.send_text("5511922222222", "your code is 1234").await;
        let after = stack.ledger(account).await.arrival(&slot_attribute(instance));
        assert_eq!(after - before, interval, "{is_leaving}");
    }
}
