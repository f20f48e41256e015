//! Messages and batches with a `sendAt`.

use std::time::Duration;

use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::ledger::ledger_item::batch_slot_attribute;
use shared::message::waiting_place::WaitingPlace;
use shared::message::{Earlier, Message, State};
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::batches::{let_settle_run, progress, send, texts, wait_until_complete};

const SEND: &str = "POST /v1/messages/send";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn schedule(stack: &TestStack, to: &str, after: Duration) -> MessageId {
    schedule_at(stack, to, stack.now().plus(after)).await
}

async fn schedule_at(stack: &TestStack, to: &str, send_at: Timestamp) -> MessageId {
    let body = json!({ "instanceId": "inst_abc123", "to": to, "message": "later", "sendAt": send_at.to_string() });
    let (status, answer) = stack.call(SEND, body).await;
    assert_eq!((status, &answer["status"]), (202, &json!("scheduled")), "{answer}");
    answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

#[tokio::test]
async fn a_message_is_sent_at_its_time_and_not_before() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let id = schedule(&stack, "5511999999999", DAY).await;
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 1, "it is charged when it is accepted");
    let (_, shown) = stack.call(&format!("GET /v1/messages/{id}"), Value::Null).await;
    assert_eq!(
        (&shown["data"]["status"], &shown["data"]["expiresIn"]),
        (&json!("scheduled"), &json!(86_400)),
        "{shown}"
    );
    let (_, listed) = stack.call("GET /v1/messages?instanceId=inst_abc123&status=scheduled", Value::Null).await;
    assert_eq!(listed["data"][0]["messageId"], json!(id));
    // Others of the conversation do not wait for it.
    let other = stack.send_text("5511999999999", "now").await;
    stack.wait_for_status(&other, "read").await;
    let_settle_run(&stack, DAY - Duration::from_secs(90)).await;
    let next = stack.send_text("5511999999999", "still before it").await;
    stack.wait_for_status(&next, "read").await;
    assert_eq!((stack.record(&id).await.status, stack.record(&id).await.attempt), (State::Queued, 0));
    stack.pass(Duration::from_secs(90));
    let record = stack.wait_for_state(&id, State::Read).await;
    let (send_at, sent_at) = (record.send_at.expect("a time"), record.sent_at.expect("a time"));
    assert!(send_at <= sent_at && record.slot >= send_at, "{send_at} {sent_at}");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 3);
}

#[tokio::test]
async fn a_scheduled_message_can_be_canceled_and_wrong_times_are_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let id = schedule(&stack, "5511999999999", Duration::from_secs(30)).await;
    let (status, canceled) = stack.call(&format!("DELETE /v1/messages/{id}"), Value::Null).await;
    assert_eq!((status, &canceled["data"]["status"]), (200, &json!("failed")), "{canceled}");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    for send_at in [
        "tomorrow".to_owned(),
        "2026-02-03T12:00:00".to_owned(),
        stack.now().minus(Duration::from_secs(3600)).to_string(),
        stack.now().plus(31 * DAY).to_string(),
    ] {
        let body = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "x", "sendAt": send_at });
        let (status, refused) = stack.call(SEND, body.clone()).await;
        assert_eq!((status, &refused["error"]["field"]), (400, &json!("sendAt")), "{send_at}");
        let mut batch = texts("551190000", 2);
        batch["sendAt"] = body["sendAt"].clone();
        let (status, refused) = stack.call("POST /v1/messages/batch", batch).await;
        assert_eq!((status, &refused["error"]["field"]), (400, &json!("sendAt")), "{send_at} {refused}");
    }
    stack.pass(Duration::from_secs(60));
    let kept = stack.send_text("5511999999999", "after it").await;
    stack.wait_for_status(&kept, "read").await;
    assert_eq!(stack.whatsapp().ledger().taken().len(), 1);
}

#[tokio::test]
async fn a_message_of_the_next_seconds_leaves_in_time() {
    let stack = TestStack::start(PROGRAM).await;
    let id = schedule(&stack, "5511999999999", Duration::from_secs(40)).await;
    stack.wait_for_any_delayed("SettleQueue").await;
    stack.pass(Duration::from_secs(41));
    let record = stack.wait_for_state(&id, State::Read).await;
    assert!(record.send_at <= record.sent_at, "not before its time");
}

#[tokio::test]
async fn messages_to_one_person_leave_in_the_order_of_their_times() {
    let stack = TestStack::start(PROGRAM).await;
    let begin = stack.now().plus(Duration::from_secs(30));
    for number in [3, 5, 0, 4, 1, 2] {
        let send_at = begin.plus(Duration::from_millis(number * 90)).to_string();
        let body = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": number.to_string(), "sendAt": send_at });
        assert_eq!(stack.call(SEND, body).await.0, 202);
    }
    stack.wait_for_delayed("SettleQueue", 6).await;
    stack.pass(Duration::from_secs(30));
    stack.wait_for_taken(6).await;
    let texts = stack.whatsapp().ledger().taken().into_iter().map(|taken| taken.message["text"]["body"].clone());
    assert_eq!(json!(texts.collect::<Vec<_>>()), json!(["0", "1", "2", "3", "4", "5"]));
}

#[tokio::test]
async fn a_message_that_waits_for_a_slot_is_not_overtaken_by_one_of_a_later_time() {
    let stack = TestStack::start(PROGRAM).await;
    let seconds = Duration::from_secs;
    let first = schedule(&stack, "5511999999999", seconds(150)).await;
    let later = schedule(&stack, "5511999999999", seconds(330)).await;
    // There are slots two minutes and a little after the time of the first, and at that of the later one.
    stack.book_ahead(seconds(150 + 125)).await;
    for time in [61, 61, 29, 61, 61, 61, 61, 61] {
        let_settle_run(&stack, seconds(time)).await; // the third at the time of the first, when its slot is more than two minutes ahead
        stack.wait_until_idle("settle").await;
        stack.wait_until_idle("deliver").await;
    }
    let first = stack.wait_for_state(&first, State::Read).await;
    let later = stack.wait_for_state(&later, State::Read).await;
    assert!(first.sent_at < later.sent_at && first.slot <= later.slot, "{first:?} {later:?}");
}

#[tokio::test]
async fn messages_whose_number_is_disconnected_at_their_time_fail_without_the_queue_that_others_share() {
    let stack = TestStack::start(PROGRAM).await;
    let (before, deliveries) = (stack.ledger(&stack.customer.account_id).await.credits, deliver_invocations(&stack));
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(schedule(&stack, &format!("551190000000{number}"), Duration::from_secs(90)).await);
    }
    let (status, answer) = stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    let_settle_run(&stack, Duration::from_secs(91)).await;
    for id in &ids {
        assert_eq!(stack.wait_for_status(id, "failed").await["error"]["code"], "instance_disconnected");
    }
    let credits = stack.ledger(&stack.customer.account_id).await.credits;
    assert_eq!((credits, deliver_invocations(&stack)), (before, deliveries));
}

fn deliver_invocations(stack: &TestStack) -> usize {
    stack.stack.functions["deliver"].invocations()
}

#[tokio::test]
async fn messages_of_one_time_leave_in_the_slots_of_their_number() {
    let stack = TestStack::start(PROGRAM).await;
    stack.whatsapp().callbacks().silence();
    let mut ids = Vec::new();
    let send_at = stack.now().plus(Duration::from_secs(600));
    for at in 0..6 {
        ids.push(schedule_at(&stack, &format!("551190000000{at}"), send_at).await);
    }
    let_settle_run(&stack, Duration::from_secs(500)).await;
    stack.pass(Duration::from_secs(101));
    let mut slots = Vec::new();
    for id in &ids {
        slots.push(stack.wait_for_state(id, State::Sent).await.slot.millis());
    }
    slots.sort_unstable();
    slots.dedup();
    assert_eq!(slots.len(), ids.len(), "each has a slot of its own: {slots:?}");
}

#[tokio::test]
async fn a_message_gets_its_slot_behind_those_of_its_number_that_wait_for_minutes() {
    let stack = TestStack::start(PROGRAM).await;
    stack.book_ahead(Duration::from_secs(240)).await;
    let first = stack.send_text("5511999999999", "first").await;
    let id = schedule(&stack, "5511999999999", Duration::from_secs(60)).await;
    let_settle_run(&stack, Duration::from_secs(61)).await;
    let is_in_lane = || async { stack.record(&id).await.bulk.map(drop) };
    eventually("the message to be where its number's others are", is_in_lane).await;
    let slot = stack.record(&id).await.slot;
    assert!(slot > stack.record(&first).await.slot, "it comes behind those before its time");
    let again = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("SettleQueue"));
    let again = again.message_body(json!({ "scheduled": [id] }).to_string());
    let settle = &stack.stack.functions["settle"];
    let runs = settle.invocations();
    again.send().await.expect("the queue takes it");
    let has_run = || async { (settle.invocations() > runs && settle.concurrent_executions() == 0).then_some(()) };
    eventually("settle to receive it", has_run).await;
    assert_eq!(stack.record(&id).await.slot, slot, "it keeps its slot when it is scheduled twice");
    let last = stack.send_text("5511999999999", "last").await;
    let mut sent = Vec::new();
    for _ in 0..6 {
        let_settle_run(&stack, Duration::from_secs(61)).await;
        stack.wait_until_idle("deliver").await;
    }
    for id in [&first, &id, &last] {
        stack.wait_for_status(id, "read").await;
        sent.push(stack.record(id).await.sent_at);
    }
    assert!(sent.is_sorted(), "{sent:?}");
}

#[tokio::test]
async fn a_message_waits_for_those_of_its_conversation_that_were_accepted_before_its_time() {
    let stack = TestStack::start(PROGRAM).await;
    let (now, hour) = (stack.now(), Duration::from_secs(3600));
    let wait = |message: &mut Message, due| {
        let place = WaitingPlace::new(&message.conversation, due, message.created_at, &message.id);
        (message.waits, message.due) = (Some(place.shard), Some(place.due));
    };
    let scheduled = stack.insert_queued(|message| {
        (message.created_at, message.send_at) = (now.minus(hour), Some(now.plus(hour)));
        wait(message, now.plus(hour));
    });
    let scheduled = scheduled.await;
    let accepted = stack.insert_queued(|message| wait(message, now.plus(2 * hour))).await;
    let earlier = async |id: &MessageId| stack.messages.earlier_elsewhere(&stack.record(id).await).await.expect("rows");
    assert_eq!(earlier(&scheduled).await, Some(Earlier::InTable(now.plus(2 * hour))));
    assert_eq!(earlier(&accepted).await, None);
}

#[tokio::test]
async fn a_message_that_gets_no_slot_in_its_time_expires() {
    let stack = TestStack::start(PROGRAM).await;
    let send_at = stack.now().plus(Duration::from_secs(300)).to_string();
    let body = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "x", "sendAt": send_at, "expiresIn": 60 });
    let (_, answer) = stack.call(SEND, body).await;
    let id: MessageId = answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    // The number's slots are taken for longer than the message may wait.
    for _ in 0..12 {
        stack.book_ahead(Duration::from_secs(1200)).await;
        let_settle_run(&stack, Duration::from_secs(61)).await;
        stack.wait_until_idle("deliver").await;
    }
    let shown = stack.wait_for_status(&id, "failed").await;
    assert_eq!(shown["error"]["code"], "expired", "{shown}");
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_scheduled_batch_takes_no_slots_of_others_before_its_time() {
    let stack = TestStack::start(PROGRAM).await;
    let mut batch = texts("551190000", 3);
    batch["sendAt"] = json!(stack.now().plus(Duration::from_secs(150)).to_string());
    let accepted = send(&stack, batch).await;
    let_settle_run(&stack, Duration::from_secs(61)).await;
    stack.wait_for_any_delayed("SettleQueue").await; // its enqueue was scheduled
    let booked = batch_slot_attribute(&stack.customer.instance_id);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.arrival(&booked), 0);
    assert_eq!(wait_until_complete(&stack, &accepted).await["counts"]["failed"], 0);
    assert_eq!(stack.whatsapp().ledger().taken().len(), 3);
}

#[tokio::test]
async fn a_scheduled_batch_outlives_a_disconnect_before_its_time() {
    let stack = TestStack::start(PROGRAM).await;
    let mut batch = texts("551190000", 3);
    batch["sendAt"] = json!(stack.now().plus(DAY).to_string());
    let scheduled = send(&stack, batch).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    let waiting = send(&stack, texts("551190001", 2)).await;
    stack.expire_token().await;
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    let shown = wait_until_complete(&stack, &waiting).await;
    assert_eq!(shown["counts"]["failed"], 2, "{shown}");
    let shown = progress(&stack, &scheduled).await;
    assert_eq!((&shown["status"], &shown["counts"]["scheduled"]), (&json!("scheduled"), &json!(3)), "{shown}");
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    stack.pass(DAY);
    assert_eq!(wait_until_complete(&stack, &scheduled).await["counts"]["failed"], 0);
    assert_eq!(stack.whatsapp().ledger().taken().len(), 3);
}

#[tokio::test]
async fn a_batch_begins_at_its_time() {
    let stack = TestStack::start(PROGRAM).await;
    let mut batch = texts("551190000", 3);
    let send_at = stack.now().plus(DAY);
    batch["sendAt"] = json!(send_at.to_string());
    let accepted = send(&stack, batch).await;
    assert_eq!(accepted["status"], "scheduled");
    let id = accepted["batchId"].as_str().expect("an id");
    let (_, shown) = stack.call(&format!("GET /v1/batches/{id}"), Value::Null).await;
    assert_eq!(
        (&shown["data"]["status"], &shown["data"]["counts"]["scheduled"]),
        (&json!("scheduled"), &json!(3)),
        "{shown}"
    );
    stack.pass(DAY - Duration::from_secs(200));
    let other = stack.send_text("5511922222222", "now").await;
    stack.wait_for_status(&other, "read").await;
    assert_eq!(stack.whatsapp().ledger().taken().len(), 1);
    wait_until_complete(&stack, &accepted).await;
    let (_, rows) = stack.call(&format!("GET /v1/messages?batchId={id}"), Value::Null).await;
    for row in rows["data"].as_array().expect("rows") {
        assert!(row["sentAt"].as_str() >= Some(&send_at.to_string()), "{row}");
    }
}

#[tokio::test]
async fn who_opts_out_before_the_time_gets_no_marketing() {
    let stack = TestStack::start(PROGRAM).await;
    let body = json!({ "instanceId": "inst_abc123", "name": "offer", "language": "en_US", "category": "MARKETING",
        "components": [{ "type": "BODY", "text": "Hello" }] });
    assert_eq!(stack.call("POST /v1/templates", body).await.0, 201);
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let batch = json!({ "instanceId": "inst_abc123", "template": { "name": "offer", "language": "en_US" },
        "sendAt": stack.now().plus(DAY).to_string(),
        "recipients": [{ "to": "5511900000001" }, { "to": "5511900000002" }] });
    let accepted = send(&stack, batch).await;
    let wish = json!({ "to": crate::people::NUMBER, "marketing": "stop" });
    stack.phone("PUT people/5511900000001/preferences", wish).await;
    let knows = || async {
        let body = json!({ "instanceId": "inst_abc123", "to": "5511900000001",
            "template": { "name": "offer", "language": "en_US" } });
        (stack.call(SEND, body).await.0 == 409).then_some(())
    };
    eventually("the wish to be known", knows).await;
    stack.pass(DAY);
    let shown = wait_until_complete(&stack, &accepted).await;
    assert_eq!(shown["counts"]["failed"], 1, "{shown}");
    let id = accepted["messages"][0]["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    assert_eq!(stack.status(&id).await["error"]["code"], "recipient_opted_out");
    assert_eq!(stack.whatsapp().ledger().asked(), 1, "WhatsApp is asked about the other recipient alone");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 1);
}
