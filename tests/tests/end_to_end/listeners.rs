//! Listeners: an account's events, live, for as long as somebody polls.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::aws::{FORGET_AT, ItemKey, UpdateBuilder};
use shared::event::Event;
use shared::listener::KeptEvent;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::sweep::scenario::inbound_text;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

const PHONE: &str = "5511900000001";
/// Longer than a listener lasts without a poll.
const UNTIL_ENDED: Duration = Duration::from_secs(61);
/// Longer than an event waits before it is shown.
const UNTIL_SHOWN: Duration = Duration::from_secs(2);

/// Creates a listener, and returns the path of its events.
pub async fn listen(stack: &TestStack, body: Value) -> String {
    let (status, answer) = stack.call("POST /v1/listeners", body).await;
    assert_eq!(status, 201, "{answer}");
    format!("/v1/listeners/{}/events", answer["data"]["id"].as_str().expect("an id"))
}

/// Polls until there are so many events; all of them, and the last cursor.
pub async fn poll_for(stack: &TestStack, path: &str, count: usize) -> (Vec<Value>, String) {
    let (mut events, mut cursor) = (Vec::new(), String::new());
    while events.len() < count {
        let after = if cursor.is_empty() { String::new() } else { format!("?after={cursor}") };
        let (status, mut page) = stack.call(&format!("GET {path}{after}"), Value::Null).await;
        assert_eq!(status, 200, "{page}");
        cursor = page["pagination"]["nextCursor"].as_str().unwrap_or_default().to_owned();
        let Value::Array(rows) = page["data"].take() else { panic!("rows: {page}") };
        events.extend(rows);
    }
    (events, cursor)
}

/// Waits until a poll of the customer's only listener has begun.
async fn wait_until_polled(stack: &TestStack) {
    let begun = || async {
        let listeners = stack.accounts.live_listeners(&stack.customer.account_id, stack.now()).await;
        listeners.expect("the table answers")[0].polled_until.map(drop)
    };
    eventually("the poll to begin", begun).await;
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["body"]["event"].as_str().expect("a name")).collect()
}

/// The rows that wait for a listener.
async fn waiting(stack: &TestStack, path: &str) -> Vec<Value> {
    let id = path.split('/').nth(3).expect("an id");
    let query = stack.stack.clients.dynamodb.query().table_name(&stack.stack.tables["Accounts"]);
    let query = query.key_condition_expression("pk = :pk");
    let answer = query.expression_attribute_values(":pk", AttributeValue::S(format!("listen#{id}"))).send().await;
    let rows = answer.expect("the table answers").items.unwrap_or_default();
    rows.into_iter().map(|row| serde_dynamo::from_item(row).expect("JSON")).collect()
}

#[tokio::test]
async fn a_listener_gets_the_events_that_it_asked_for_as_webhooks_get_them() {
    let stack = TestStack::start(PROGRAM).await;
    let all = listen(&stack, json!({ "events": ["message.sent", "message.read", "message.received"] })).await;
    let read = listen(&stack, json!({ "events": ["message.read"], "instanceId": "inst_abc123" })).await;
    stack.copy_instance_to(&stack.customer.account_id, "inst_second").await;
    let elsewhere = listen(&stack, json!({ "events": ["message.read"], "instanceId": "inst_second" })).await;
    let id = stack.send_text(PHONE, "hello").await;
    let (events, cursor) = poll_for(&stack, &all, 2).await;
    let mut shown = names(&events);
    shown.sort_unstable();
    assert_eq!(shown, ["message.read", "message.sent"]);
    for event in &events {
        let webhook = stack.webhook.wait_for(id.as_str(), event["body"]["event"].as_str().expect("a name")).await;
        assert_eq!(event["body"], webhook.json, "the same body");
    }
    stack.write(PHONE, "text", json!({ "body": "an answer" })).await;
    let (status, page) = stack.call(&format!("GET {all}?after={cursor}"), Value::Null).await;
    assert_eq!((status, names(page["data"].as_array().expect("rows"))), (200, vec!["message.received"]), "{page}");
    assert_eq!(names(&poll_for(&stack, &read, 1).await.0), ["message.read"]);
    assert!(waiting(&stack, &elsewhere).await.is_empty());
    let (_, again) = stack.call(&format!("GET {all}"), Value::Null).await;
    assert_eq!(again["data"].as_array().map(Vec::len), Some(3), "without a cursor from the beginning");
}

#[tokio::test]
async fn a_poll_waits_for_an_event_and_holds_off_another_one() {
    let stack = TestStack::start(PROGRAM).await;
    let path = listen(&stack, json!({ "events": ["message.sent"] })).await;
    let other = async {
        wait_until_polled(&stack).await;
        let (status, answer) = stack.call(&format!("GET {path}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["code"]), (429, &json!("rate_limit_exceeded")), "{answer}");
        stack.send_text(PHONE, "hello").await
    };
    let call = format!("GET {path}");
    let ((status, page), id) = futures::join!(stack.call(&call, Value::Null), other);
    assert_eq!((status, &page["data"][0]["body"]["data"]["messageId"]), (200, &json!(id)), "{page}");
    let (status, empty) = stack
        .call(
            &format!("GET {path}?after={}", page["pagination"]["nextCursor"].as_str().expect("a cursor")),
            Value::Null,
        )
        .await;
    assert_eq!((status, &empty["data"]), (200, &json!([])), "after ten seconds");
    assert_eq!(empty["pagination"]["nextCursor"], page["pagination"]["nextCursor"]);
}

#[tokio::test]
async fn a_listener_ends_a_minute_after_its_last_poll() {
    let stack = TestStack::start(PROGRAM).await;
    let path = listen(&stack, json!({ "events": ["message.sent"] })).await;
    stack.pass(UNTIL_ENDED / 2);
    stack.send_text(PHONE, "hello").await;
    poll_for(&stack, &path, 1).await;
    stack.pass(UNTIL_ENDED / 2);
    assert_eq!(stack.call(&format!("GET {path}"), Value::Null).await.0, 200, "the poll has renewed it");
    stack.pass(UNTIL_ENDED);
    let id = stack.send_text(PHONE, "hello").await;
    stack.webhook.wait_for(id.as_str(), "message.sent").await;
    let (status, answer) = stack.call(&format!("GET {path}"), Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("listener_not_found")));
    assert_eq!(waiting(&stack, &path).await.len(), 1, "nothing is written for one that has ended");
}

#[tokio::test]
async fn an_account_has_five_listeners_and_others_do_not_find_them() {
    let stack = TestStack::start(PROGRAM).await;
    let events = json!({ "events": ["message.sent"] });
    let mut paths = Vec::new();
    for _ in 0..5 {
        paths.push(listen(&stack, events.clone()).await);
    }
    let (status, answer) = stack.call("POST /v1/listeners", events.clone()).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("limit_reached")), "{answer}");
    let other = stack.open_account(Plan::Free, 100).await;
    let other = stack.key(&other, Scope::ALL, None).await;
    assert_eq!(stack.call_as(&other, &format!("GET {}", paths[0]), Value::Null).await.0, 404);
    stack.pass(UNTIL_ENDED);
    listen(&stack, events).await;
    for (body, field) in [
        (json!({}), "events"),
        (json!({ "events": ["message.gone"] }), "events[0]"),
        (json!({ "events": ["message.sent"], "instanceId": "inst_theirs" }), "instanceId"),
    ] {
        let (_, answer) = stack.call("POST /v1/listeners", body).await;
        assert_eq!(answer["error"]["field"], field, "{answer}");
    }
    let (status, answer) = stack.call(&format!("GET {}?after=1", paths[0]), Value::Null).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("after")));
}

#[tokio::test]
async fn a_deleted_listener_gives_its_place_back_at_once() {
    let stack = TestStack::start(PROGRAM).await;
    let events = json!({ "events": ["message.sent"] });
    let mut paths = Vec::new();
    for _ in 0..5 {
        paths.push(listen(&stack, events.clone()).await);
    }
    let deletion = format!("DELETE {}", paths[0].trim_end_matches("/events"));
    let other = stack.open_account(Plan::Free, 100).await;
    let other = stack.key(&other, Scope::ALL, None).await;
    assert_eq!(stack.call_as(&other, &deletion, Value::Null).await.0, 204, "nothing of its own");
    assert_eq!(stack.call("POST /v1/listeners", events.clone()).await.0, 409, "another account ends none");
    for _ in 0..2 {
        assert_eq!(stack.call(&deletion, Value::Null).await.0, 204);
    }
    assert_eq!(stack.call(&format!("GET {}", paths[0]), Value::Null).await.0, 404);
    listen(&stack, events).await;
    assert_eq!(stack.call("DELETE /v1/listeners/no-id", Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_listener_shows_nothing_of_an_erased_message() {
    let stack = TestStack::start(PROGRAM).await;
    let path = listen(&stack, json!({ "events": ["message.sent", "message.received", "instance.updated"] })).await;
    let id = stack.send_text(PHONE, "hello").await;
    stack.webhook.wait_until_read(id.as_str()).await;
    stack.write(PHONE, "text", json!({ "body": "secret" })).await;
    let rows = || async { Some(waiting(&stack, &path).await).filter(|rows| rows.len() == 2) };
    let rows = eventually("two events", rows).await;
    assert!(rows.iter().all(|row| !row.to_string().contains(PHONE) && row.get("body").is_none()), "{rows:?}");
    let erase = format!("DELETE /v1/admin/accounts/{}/phones/{PHONE}", stack.customer.account_id);
    let (status, answer) = stack.operate(&erase, Value::Null).await;
    assert_eq!((status, &answer["data"]["erased"]), (200, &json!(2)), "{answer}");
    stack.pass(UNTIL_SHOWN);
    let (status, page) = stack.call(&format!("GET {path}"), Value::Null).await;
    assert_eq!((status, &page["data"]), (200, &json!([])), "{page}");
}

#[tokio::test]
async fn a_burst_leaves_events_out_and_says_how_many() {
    let stack = TestStack::start(PROGRAM).await;
    let path = listen(&stack, json!({ "events": ["message.sent"] })).await;
    let id = path.split('/').nth(3).expect("an id").parse().expect("a listener");
    let message = stack.send_text(PHONE, "hello").await;
    poll_for(&stack, &path, 1).await;
    let owner = (&stack.customer.account_id, &stack.customer.instance_id);
    let event = Event::new(owner, "instance.updated", "inst_abc123", stack.now(), json!({ "number": 1 }));
    for position in 0..60 {
        let row = KeptEvent::new(&event, &id, (stack.now(), position), usize::from(position == 9) * 15);
        stack.accounts.keep_event(&id, &row).await.expect("the table takes it");
    }
    stack.pass(UNTIL_SHOWN);
    let (status, page) = stack.call(&format!("GET {path}"), Value::Null).await;
    let rows = page["data"].as_array().expect("rows");
    assert_eq!((status, rows.len(), &page["pagination"]["skipped"]), (200, 50, &json!(15)), "{page}");
    assert_eq!(
        (&rows[0]["body"]["data"]["messageId"], &rows[1]["body"]["data"]["number"]),
        (&json!(message), &json!(1))
    );
}

#[tokio::test]
async fn what_a_listener_cannot_be_given_keeps_no_event_from_webhooks() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    listen(stack, json!({ "events": ["message.sent", "message.delivered", "message.read"] })).await;
    proxied.dynamodb.set_faults(|call, _| {
        let is_kept = call.caller == "notify" && call.operation == "PutItem";
        if is_kept { Fault::Throttled } else { Fault::None }
    });
    let id = stack.send_text(PHONE, "hello").await;
    stack.webhook.wait_until_read(id.as_str()).await;
}

#[tokio::test]
async fn long_events_are_shown_in_several_answers() {
    const EVENTS: usize = 10;
    let stack = TestStack::start(PROGRAM).await;
    let path = listen(&stack, json!({ "events": ["message.received"] })).await;
    let number = stack.instance().await.number.expect("a number").id;
    let (text, at) = ("\u{1}".repeat(60_000), stack.now().secs().to_string()); // six bytes each in JSON
    for number_of in 0..EVENTS {
        let body = inbound_text(&number, PHONE, &format!("wamid.LONG{number_of}"), &text, &at);
        assert_eq!(stack.post_callback(&body, None).await, 200);
    }
    let all = || async { (waiting(&stack, &path).await.len() == EVENTS).then_some(()) };
    eventually("all events", all).await;
    stack.pass(UNTIL_SHOWN);
    let (_, first) = stack.call(&format!("GET {path}"), Value::Null).await;
    let first = first["data"].as_array().expect("rows").len();
    assert!((1..EVENTS).contains(&first), "{first} in the first answer");
    let (events, _) = poll_for(&stack, &path, EVENTS).await;
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].as_str().expect("an id")).collect();
    assert_eq!((events.len(), ids.len()), (EVENTS, EVENTS));
}

#[tokio::test]
async fn events_of_instances_take_the_scope_to_read_instances() {
    let stack = TestStack::start(PROGRAM).await;
    let key = stack.key(&stack.customer.account_id, &[Scope::MessagesRead], None).await;
    for (event, expected) in [("instance.connected", 403), ("message.received", 201)] {
        let (status, answer) = stack.call_as(&key, "POST /v1/listeners", json!({ "events": [event] })).await;
        assert_eq!(status, expected, "{event}: {answer}");
    }
}

#[tokio::test]
async fn ended_listeners_do_not_accumulate_before_the_table_deletes_them() {
    let stack = TestStack::start(PROGRAM).await;
    let account = &stack.customer.account_id;
    for _ in 0..3 {
        for _ in 0..5 {
            listen(&stack, json!({ "events": ["message.read"] })).await;
        }
        for listener in stack.accounts.live_listeners(account, stack.now()).await.expect("the table answers") {
            // On AWS, the table takes days.
            let later = UpdateBuilder::new().set(FORGET_AT, stack.now().plus(Duration::from_secs(100_000)).secs());
            let key = ItemKey::listener(account, &listener.id);
            stack.accounts.update(key, &later).await.expect("the table takes it");
        }
        stack.pass(UNTIL_ENDED.saturating_mul(2));
    }
    listen(&stack, json!({ "events": ["message.read"] })).await;
    let stored = stack.accounts.subscribers(account).await.expect("the table answers").listeners;
    assert_eq!(stored.len(), 1);
}

#[tokio::test]
async fn a_poll_ends_when_its_listener_is_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    let path = listen(&stack, json!({ "events": ["message.read"] })).await;
    let deleted = async {
        wait_until_polled(&stack).await;
        stack.call(&format!("DELETE {}", path.trim_end_matches("/events")), Value::Null).await.0
    };
    let call = format!("GET {path}");
    let ((status, answer), deleted) = futures::join!(stack.call(&call, Value::Null), deleted);
    assert_eq!((deleted, status, &answer["error"]["code"]), (204, 404, &json!("listener_not_found")), "{answer}");
}
