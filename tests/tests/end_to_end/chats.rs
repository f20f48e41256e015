//! Conversations: when somebody last wrote or called, in whatever order WhatsApp says it, and the list of those who have.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::clock::Timestamp;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::account_callbacks::{callback, wish};
use crate::contacts::{from, items};
use crate::people::{NUMBER, USER, receive, text};

const PHONE: &str = "5511911110071";
const OTHER: &str = "5511911110072";
const DAY: i64 = 24 * 60 * 60;

/// A conversation of the demo instance.
async fn chat(stack: &TestStack, id: &str) -> Value {
    let (status, mut body) = stack.call(&format!("GET /v1/chats/{id}?instanceId=inst_abc123"), Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body["data"].take()
}

/// A page of the conversations.
async fn page(stack: &TestStack, query: &str) -> Value {
    let (status, body) = stack.call(&format!("GET /v1/chats?instanceId=inst_abc123{query}"), Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("rows").iter().map(|row| row["chatId"].as_str().expect("an id")).collect()
}

/// A text of somebody at a time, in seconds since the epoch.
fn at(id: &str, sender: &Value, seconds: i64) -> Value {
    let mut message = text(id, sender);
    message["timestamp"] = json!(seconds.to_string());
    message
}

fn shown(seconds: i64) -> Value {
    json!(Timestamp::from_secs(seconds).to_string())
}

#[tokio::test]
async fn a_conversation_shows_who_wrote_and_until_when_the_window_is_open() {
    let stack = TestStack::start(PROGRAM).await;
    let (now, sender) =
        (stack.now().secs(), json!({ "from": PHONE, "from_user_id": USER, "from_parent_user_id": "BR.ENT.7" }));
    let contacts = json!([{ "profile": { "name": "Ana", "username": "@ana" }, "wa_id": PHONE, "user_id": USER }]);
    receive(&stack, &contacts, &[at("wamid.1", &sender, now - 600)]).await;
    let expected = json!({ "chatId": format!("chat_{PHONE}"), "instanceId": "inst_abc123", "phone": PHONE, "userId": USER,
        "username": "ana", "name": "Ana", "lastInboundAt": shown(now - 600), "windowClosesAt": shown(now - 600 + DAY),
        "optedOut": false });
    assert_eq!(chat(&stack, &format!("chat_{PHONE}")).await, expected);
    assert_eq!(chat(&stack, &format!("chat_{USER}")).await, expected, "by any alias");
    assert_eq!(page(&stack, "").await["data"], json!([expected]));
    // Somebody who was only written to.
    let sent = stack.send_text("15550100012", "hello").await;
    stack.wait_for_status(&sent, "sent").await;
    let written_to = chat(&stack, "chat_15550100012").await;
    assert_eq!((&written_to["lastInboundAt"], &written_to["windowClosesAt"]), (&Value::Null, &Value::Null));
    assert_eq!(ids(&page(&stack, "").await).len(), 1, "who has not written is not listed");
}

#[tokio::test]
async fn the_last_time_only_moves_forward_whatever_the_order_of_callbacks() {
    let stack = TestStack::start(PROGRAM).await;
    let (now, sender) = (stack.now().secs(), json!({ "from": PHONE, "from_user_id": USER }));
    let write = async |messages: Vec<Value>| receive(&stack, &Value::Null, &messages).await;
    let last = async || chat(&stack, &format!("chat_{PHONE}")).await["lastInboundAt"].clone();
    write(vec![at("wamid.1", &sender, now - 3600)]).await;
    write(vec![at("wamid.2", &sender, now - 1800)]).await;
    assert_eq!(last().await, shown(now - 1800));
    let late = at("wamid.3", &sender, now - 2400);
    for _ in 0..2 {
        write(vec![late.clone()]).await; // late, and repeated
    }
    assert_eq!(last().await, shown(now - 1800));
    // Many at once, each in a callback of its own and by either alias.
    let messages = (0..8).map(|number| {
        let sender = if number % 2 == 0 { json!({ "from": PHONE }) } else { json!({ "from_user_id": USER }) };
        at(&format!("wamid.A{number}"), &sender, now - 1000 + number * 10)
    });
    join_all(messages.map(|message| async { receive(&stack, &Value::Null, &[message]).await })).await;
    assert_eq!(last().await, shown(now - 930));
    // What nobody can have done yet counts as done now, and not as a window that is open for years.
    write(vec![at("wamid.4", &sender, now + 1000 * DAY)]).await;
    let known: Timestamp = last().await.as_str().and_then(|at| at.parse().ok()).expect("a time");
    assert!(known <= stack.now(), "{known}");
}

#[tokio::test]
async fn a_call_counts_as_a_message_and_a_reaction_or_a_system_message_does_not() {
    let stack = TestStack::start(PROGRAM).await;
    let (now, sender) = (stack.now().secs(), json!({ "from": PHONE, "from_user_id": USER }));
    let last = async |phone: &str| chat(&stack, &format!("chat_{phone}")).await["lastInboundAt"].clone();
    receive(&stack, &Value::Null, &[at("wamid.1", &sender, now - 600)]).await;
    let mut others = Vec::new();
    for (number, (kind, object)) in [
        ("reaction", json!({ "message_id": "wamid.1", "emoji": "👍" })),
        ("revoke", json!({ "original_message_id": "wamid.1" })),
        ("system", json!({ "type": "user_changed_user_id", "user_id": "BR.2", "previous_user_id": USER })),
    ]
    .into_iter()
    .enumerate()
    {
        let mut message = at(&format!("wamid.O{number}"), &sender, now - 500);
        message["type"] = json!(kind);
        message[kind] = object;
        message.as_object_mut().expect("an object").remove("text");
        others.push(message);
    }
    let mut in_group = at("wamid.G", &sender, now - 400);
    in_group["group_id"] = json!("Y2FwaV9ncm91cDox");
    others.push(in_group);
    receive(&stack, &Value::Null, &others).await;
    assert_eq!(last(PHONE).await, shown(now - 600));

    let call = |direction: &str, seconds: i64| {
        json!({ "id": "wacid.1", "from": PHONE, "from_user_id": USER, "to": "551140000000", "event": "connect",
            "direction": direction, "timestamp": seconds.to_string() })
    };
    let status = |word: &str, seconds: i64| json!({ "id": "wacid.2", "type": "call", "status": word, "recipient_id": OTHER, "timestamp": seconds.to_string() });
    for (list, event, phone, expected) in [
        ("calls", call("BUSINESS_INITIATED", now - 300), PHONE, shown(now - 600)),
        ("calls", call("USER_INITIATED", now - 200), PHONE, shown(now - 200)),
        ("statuses", status("ACCEPTED", now - 100), OTHER, shown(now - 100)),
        ("statuses", status("RINGING", now - 50), OTHER, shown(now - 100)),
    ] {
        let value = json!({ "metadata": { "phone_number_id": NUMBER }, list: [event] });
        assert_eq!(stack.post_callback(&callback("9001", now, "calls", &value), None).await, 200);
        assert_eq!(last(phone).await, expected, "{list} {event}");
    }
    assert_eq!(ids(&page(&stack, "").await), [format!("chat_{OTHER}"), format!("chat_{PHONE}")]);
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"], json!([]), "calls are no unknown field");
}

#[tokio::test]
async fn the_list_is_latest_first_and_its_pages_have_everybody_once() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now().secs();
    let people: Vec<String> = (0..5).map(|number| format!("551191111008{number}")).collect();
    for (number, phone) in people.iter().enumerate() {
        let seconds = now - 10_000 + 1_000 * i64::try_from(number).expect("a number");
        receive(&stack, &Value::Null, &[at(&format!("wamid.{phone}"), &json!({ "from": phone }), seconds)]).await;
    }
    receive(&stack, &Value::Null, &[at("wamid.again", &json!({ "from": people[0] }), now - 100)]).await;
    receive(&stack, &Value::Null, &[at("wamid.and.again", &json!({ "from": people[2] }), now - 90)]).await;
    receive(&stack, &Value::Null, &[at("wamid.thrice", &json!({ "from": people[0] }), now - 80)]).await;
    let expected: Vec<String> = [0, 2, 4, 3, 1].map(|number: usize| format!("chat_{}", people[number])).into();
    assert_eq!(ids(&page(&stack, "").await), expected);
    let (mut listed, mut after) = (Vec::new(), String::new());
    loop {
        let page = page(&stack, &format!("&limit=2{after}")).await;
        listed.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["pagination"]["nextCursor"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(listed, expected);
    for (query, field) in [("&after=x", "after"), ("&limit=0", "limit"), ("&after=1760000000000.ana", "after")] {
        let (status, answer) = stack.call(&format!("GET /v1/chats?instanceId=inst_abc123{query}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn a_join_keeps_the_later_time_and_the_older_conversation() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now().secs();
    let contacts = json!([{ "profile": { "name": "Ana" }, "wa_id": PHONE }]);
    receive(&stack, &contacts, &[at("wamid.1", &json!({ "from": PHONE }), now - 7_200)]).await;
    receive(&stack, &Value::Null, &[at("wamid.2", &json!({ "from_user_id": USER }), now - 60)]).await;
    assert_eq!(ids(&page(&stack, "").await), [format!("chat_{USER}"), format!("chat_{PHONE}")]);
    let stop = json!({ "metadata": { "phone_number_id": NUMBER }, "user_preferences": [{ "user_id": USER, "value": "stop",
        "category": "marketing_messages", "timestamp": now }] });
    assert_eq!(stack.post_callback(&callback("9001", now, "user_preferences", &stop), None).await, 200);
    receive(&stack, &Value::Null, &[at("wamid.3", &json!({ "from": PHONE, "from_user_id": USER }), now - 3_600)]).await;
    let joined = chat(&stack, &format!("chat_{USER}")).await;
    assert_eq!(joined["chatId"], json!(format!("chat_{PHONE}")), "the older one stays, and the other leads to it");
    assert_eq!((&joined["lastInboundAt"], &joined["name"]), (&shown(now - 60), &json!("Ana")));
    assert_eq!(joined["optedOut"], true);
    assert_eq!(page(&stack, "").await["data"], json!([joined]));
}

#[tokio::test]
async fn the_later_wish_about_marketing_counts_and_an_erasure_forgets_it_with_the_rest() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now().secs();
    let wishes = async |value: &str, seconds: i64| {
        let body = callback("9001", now, "user_preferences", &wish(NUMBER, value, seconds));
        assert_eq!(stack.post_callback(&body, None).await, 200);
        chat(&stack, "chat_5511911110006").await["optedOut"].clone()
    };
    assert_eq!(wishes("stop", now - 60).await, true);
    assert_eq!(wishes("resume", now - 90).await, true, "it came late");
    assert_eq!(wishes("resume", now - 30).await, false);
    assert_eq!(wishes("stop", now - 45).await, false, "it came late");
    assert_eq!(wishes("stop", now - 20).await, true);
    receive(&stack, &Value::Null, &[at("wamid.1", &json!({ "from": "5511911110006" }), now - 10)]).await;
    assert_eq!(chat(&stack, "chat_BR.15").await["optedOut"], true, "a message changes nothing about it");
    stack.erase("5511911110006").await;
    let (status, answer) = stack.call("GET /v1/chats/chat_BR.15?instanceId=inst_abc123", Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("chat_not_found")), "{answer}");
    assert_eq!((ids(&page(&stack, "").await).len(), items(&stack).await.len()), (0, 0));
}

#[tokio::test]
async fn conversations_of_another_account_are_not_found() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[from("wamid.1", PHONE, USER)]).await;
    let account = stack.open_account(Plan::Pro, 100).await;
    let stranger = stack.key(&account, Scope::ALL, None).await;
    for path in [format!("/v1/chats/chat_{PHONE}"), "/v1/chats".to_owned()] {
        let foreign = format!("GET {path}?instanceId=inst_abc123");
        let (status, answer) = stack.call_as(&stranger, &foreign, Value::Null).await;
        assert_eq!((status, &answer["error"]["code"]), (404, &json!("instance_not_found")), "{answer}");
        let (status, answer) = stack.call(&format!("GET {path}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!("instanceId")), "{answer}");
        let writer = stack.key(&stack.customer.account_id, &[Scope::MessagesWrite], None).await;
        assert_eq!(stack.call_as(&writer, &foreign, Value::Null).await.0, 403);
    }
    for unknown in ["chat_5511911110099", "chat_", "chat_ana", PHONE, "chat_group.Y2FwaV9ncm91cDox"] {
        let path = format!("GET /v1/chats/{unknown}?instanceId=inst_abc123");
        let (status, answer) = stack.call(&path, Value::Null).await;
        assert_eq!((status, &answer["error"]["code"]), (404, &json!("chat_not_found")), "{unknown}");
    }
}

#[tokio::test]
async fn a_message_that_meets_a_join_is_not_forgotten() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let now = stack.now().secs();
    receive(stack, &Value::Null, &[at("wamid.1", &json!({ "from": PHONE, "from_user_id": USER }), now - 900)]).await;
    stack.pass(Duration::from_secs(10)); // or the process would rely on what it has just read
    // A join has read the contact, and a message is noted before it writes.
    proxied.dynamodb.inject([FaultAt("receive", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
    let joins = async {
        let sender = json!({ "from": PHONE, "from_user_id": "BR.9" });
        receive(stack, &Value::Null, &[at("wamid.2", &sender, now - 600)]).await;
    };
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        receive(stack, &Value::Null, &[at("wamid.3", &json!({ "from": PHONE }), now - 300)]).await;
        proxied.dynamodb.resume();
    };
    tokio::join!(joins, meanwhile);
    assert_eq!(chat(stack, "chat_BR.9").await["lastInboundAt"], shown(now - 300));
}

#[tokio::test]
async fn a_message_that_comes_during_an_erasure_is_not_undone_by_it() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let (now, sender) = (stack.now().secs(), json!({ "from": PHONE, "from_user_id": USER }));
    receive(stack, &Value::Null, &[at("wamid.1", &sender, now - 900)]).await;
    stack.pass(Duration::from_secs(10));
    // The note has read the contact, which is erased before it is written.
    proxied.dynamodb.inject([FaultAt("receive", "UpdateItem", 1, &[Fault::FreezeBefore])]);
    let comes = async { receive(stack, &Value::Null, &[at("wamid.2", &sender, now - 600)]).await };
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        stack.erase(PHONE).await;
        assert!(items(stack).await.is_empty());
        proxied.dynamodb.resume();
    };
    tokio::join!(comes, meanwhile);
    let found = chat(stack, &format!("chat_{USER}")).await;
    assert_eq!(
        (&found["phone"], &found["lastInboundAt"]),
        (&json!(PHONE), &shown(now - 600)),
        "whole, with all aliases"
    );
}
