//! Closing an account: nobody acts for it any more, all of its data is deleted, and nothing of another account is.

mod setup;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use serde_json::{Value, json};
use shared::aws::Item;
use shared::closing::UNTIL_UNUSED;
use shared::message::State;
use tests::process;
use tests::test_stack::{FAR_AHEAD, TestStack, UNTIL_REDELIVERY};
use tests::uploads::PNG;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::people::{self, USER};

use setup::Other;
pub use setup::{create_as_an_earlier_version, fill, recent};

/// The account that is closed, its name, its instance and the number of that.
pub const ACCOUNT: &str = "acc_demo";
pub const NAME: &str = "Demo";
const INSTANCE: &str = "inst_abc123";
const NUMBER: &str = "106540352242922";
const PHONE: &str = "5511911110051";
/// The simulator does not accept this number's messages, and does not answer.
const NEVER_TAKES: &str = "15550100001";
pub const A_MINUTE: Duration = Duration::from_secs(61);

type Rows = BTreeMap<String, Item>;

/// Closes the account, and returns the answer's data.
pub async fn close(stack: &TestStack) -> Value {
    let (status, answer) =
        stack.operate(&format!("DELETE /v1/admin/accounts/{ACCOUNT}?name={NAME}"), Value::Null).await;
    assert_eq!(status, 202, "{answer}");
    answer["data"].clone()
}

pub async fn shown(stack: &TestStack) -> Value {
    let (status, answer) = stack.operate(&format!("GET /v1/admin/accounts/{ACCOUNT}"), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].clone()
}

/// Has `settle` run once, and returns the account as it is then. A run may be ended by a fault.
pub async fn settle_once(stack: &TestStack) -> Value {
    let settle = &stack.stack.functions["settle"];
    let runs = settle.invocations();
    stack.pass(A_MINUTE);
    let has_run = || async { (settle.invocations() > runs && settle.concurrent_executions() == 0).then_some(()) };
    eventually("settle to run", has_run).await;
    shown(stack).await
}

/// Waits until the data of the account is deleted; no more runs than this.
pub async fn wait_until_closed(stack: &TestStack, most: usize) -> Value {
    stack.pass(UNTIL_UNUSED);
    for _ in 0..most {
        let account = settle_once(stack).await;
        if account["status"] == "closed" {
            return account;
        }
    }
    let left = items_with(stack, &[ACCOUNT]).await.into_keys().collect::<Vec<_>>();
    panic!("not closed after {most} runs: {}, left: {left:?}", shown(stack).await);
}

/// The items of all tables that contain any of these texts, by their keys.
pub async fn items_with(stack: &TestStack, texts: &[&str]) -> Rows {
    let mut rows = Rows::new();
    for (table, keys) in [
        ("Messages", ["id", ""]),
        ("Accounts", ["pk", "sk"]),
        ("Contacts", ["id", ""]),
        ("UnreadCallbacks", ["id", ""]),
    ] {
        let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables[table]);
        let items: Result<Vec<_>, _> = scan.into_paginator().items().send().try_collect().await;
        for item in items.expect("the table answers") {
            let text = |name: &str| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok()).cloned();
            let key = keys.into_iter().filter_map(text).collect::<Vec<_>>().join(" ");
            let content = format!("{item:?}");
            if texts.iter().any(|text| content.contains(text)) {
                rows.insert(format!("{table} {key}"), item);
            }
        }
    }
    rows
}

/// The files in the bucket of an account.
fn files_of(stack: &TestStack, account: &str) -> usize {
    fn count(folder: &std::path::Path, account: &str) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| match entry.path() {
                path if path.is_dir() => count(&path, account),
                path => usize::from(path.to_string_lossy().contains(account)),
            })
            .sum()
    }
    count(stack.stack.objects(), &format!("/{account}/"))
}

#[tokio::test]
async fn a_closed_account_leaves_its_record_and_nothing_of_others_is_touched() {
    let stack = TestStack::start(PROGRAM).await;
    let other = Other::open(&stack).await;
    let ids = fill(&stack).await;
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    stack.wait_until_idle("notify").await;
    let (before, theirs) = (items_with(&stack, &texts).await, other.rows(&stack).await);
    assert!(before.len() > 40 && theirs.len() > 5, "{} {}", before.len(), theirs.len());
    assert!(files_of(&stack, ACCOUNT) > 0);
    let credits = shown(&stack).await["credits"].clone();
    let calls = stack.webhook.count();

    let closing = close(&stack).await;
    assert_eq!((&closing["status"], &closing["closing"]["step"]), (&json!("closing"), &json!("waiting")), "{closing}");
    let closed = wait_until_closed(&stack, 20).await;
    assert_eq!((&closed["status"], &closed["closing"]["step"]), (&json!("closed"), &json!("completed")), "{closed}");
    assert_eq!((&closed["credits"], &closed["name"]), (&credits, &json!(NAME)), "{closed}");
    assert!(closed["closing"]["messagesDeleted"].as_u64() >= Some(7), "{closed}");
    assert_eq!(closed["closing"]["messagesInProgress"], 0, "{closed}");
    let left = items_with(&stack, &texts).await;
    // The number has no other owner, so its callbacks are repeated for three days; an event of the outbox is forgotten by itself.
    let expected = |key: &String| {
        key == &format!("Accounts {ACCOUNT} account") || key == &format!("Accounts number#{NUMBER} freed")
    };
    let unexpected: Vec<_> = left.iter().filter(|(key, _)| !expected(key) && !key.contains("event#")).collect();
    assert!(left.len() >= 2 && unexpected.is_empty(), "{unexpected:#?}");
    assert_eq!(items_with(&stack, &[PHONE, USER]).await, Rows::new(), "not even an event that waits");
    assert_eq!(files_of(&stack, ACCOUNT), 0);
    assert_eq!(other.rows(&stack).await, theirs);
    assert_eq!(stack.webhook.count(), calls, "no webhook was called");
    let repeated = close(&stack).await;
    assert_eq!(repeated, closed, "a repeated request answers the same");
}

#[tokio::test]
async fn a_closed_accounts_keys_and_urls_are_refused_and_its_number_is_free() {
    let stack = TestStack::start(PROGRAM).await;
    let other = Other::open(&stack).await;
    let url = stack.call("POST /v1/webhooks/inbound", json!({ "name": "Shop", "instanceId": INSTANCE })).await.1;
    let url = url["data"]["url"].as_str().expect("a URL").to_owned();
    let text = json!({ "instanceId": INSTANCE, "to": "5511999999999", "message": "hi" });
    let sent = stack.send(text.clone()).await; // so that every function knows the key
    stack.wait_for_status(&sent, "read").await;
    let through_url = async || {
        let answer = stack.http.post(&url).body(r#"{"to":"5511999999999","message":"hi"}"#).send().await;
        answer.expect("an answer").status().as_u16()
    };
    assert_eq!(through_url().await, 202);
    stack.wait_for_taken(3).await;

    close(&stack).await;
    assert_eq!(other.connect(&stack, NUMBER).await, 409, "its instance has another number");
    let disconnect = format!("POST /v1/instances/{}/disconnect", other.instance);
    assert_eq!(stack.call_as(&other.key, &disconnect, Value::Null).await.0, 200);
    assert_eq!(other.connect(&stack, NUMBER).await, 200, "the number is free at once");
    let inbound = people::callback(&Value::Null, &[recent("wamid.new")]);
    assert_eq!(stack.post_callback(&inbound, None).await, 200);
    stack.pass(A_MINUTE); // as long as a key is cached
    assert_eq!(stack.call("POST /v1/messages/send", text).await.0, 401);
    assert_eq!(stack.call("GET /v1/instances", Value::Null).await.0, 401);
    assert_eq!(through_url().await, 401);
    assert_eq!(stack.whatsapp().ledger().taken().len(), 3, "nothing more was sent");
    let path = format!("GET /v1/messages?instanceId={}&phone={PHONE}", other.instance);
    let received = async || stack.call_as(&other.key, &path, Value::Null).await.1["data"][0]["content"].clone();
    assert_eq!(received().await, "wamid.new", "the number's new owner has it");
    wait_until_closed(&stack, 10).await;
    assert_eq!(received().await, "wamid.new");
    let owner = stack.accounts.number_owner(NUMBER).await.expect("the table answers").expect("an owner");
    assert_eq!(owner.account_id, other.account);
}

#[tokio::test]
async fn an_account_is_closed_only_with_its_name_and_then_refuses_the_operators_changes() {
    let stack = TestStack::start(PROGRAM).await;
    let path = format!("/v1/admin/accounts/{ACCOUNT}");
    for query in ["", "?name=", "?name=demo", "?name=acc_demo"] {
        let (status, answer) = stack.operate(&format!("DELETE {path}{query}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!("name")), "{query} {answer}");
    }
    assert_eq!(stack.operate("DELETE /v1/admin/accounts/acc_other?name=Demo", Value::Null).await.0, 404);
    assert_eq!(stack.call(&format!("DELETE {path}?name=Demo"), Value::Null).await.0, 401, "a customer closes nothing");
    assert_eq!(shown(&stack).await["status"], "active");

    close(&stack).await;
    for (call, body) in [
        (format!("POST {path}/keys"), json!({ "name": "Server" })),
        (format!("POST {path}/credits"), json!({ "amount": 5 })),
        (format!("PUT {path}/webhook"), json!({ "url": "https://example.com/hook" })),
        (format!("PATCH {path}"), json!({ "name": "Renamed" })),
        (format!("DELETE {path}/phones/5511999999999"), Value::Null),
    ] {
        let (status, answer) = stack.operate(&call, body).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("account_closed")), "{call}: {answer}");
    }
    let (_, listed) = stack.operate("GET /v1/admin/accounts", Value::Null).await;
    assert_eq!(listed["data"][0]["status"], "closing", "{listed}");
}

#[tokio::test]
async fn a_queued_message_of_a_closing_account_is_refunded_and_never_sent() {
    let stack = TestStack::start(PROGRAM).await;
    let before = shown(&stack).await["credits"].clone();
    stack.book_ahead(FAR_AHEAD).await;
    let queued = stack.send_text("5511999999999", "waits").await;
    stack.wait_until_returned("BulkQueue.fifo", [&queued]).await;
    close(&stack).await;
    let closed = wait_until_closed(&stack, 10).await;
    assert_eq!(closed["credits"], before, "{closed}");
    stack.pass(FAR_AHEAD);
    stack.wait_until_idle("deliver").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_message_that_is_being_sent_ends_before_it_is_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    let sending = stack.send_text(NEVER_TAKES, "hello").await;
    stack.wait_for_asked(1).await;
    close(&stack).await;
    process::kill(stack.pid("deliver"));
    stack.pass(UNTIL_UNUSED);
    for _ in 0..3 {
        settle_once(&stack).await;
    }
    let waits = shown(&stack).await;
    assert_eq!(waits["closing"]["messagesInProgress"], 1, "{waits}");
    assert!(matches!(stack.record(&sending).await.status, State::Sending | State::Unknown));
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&sending, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.pass(Duration::from_secs(16 * 60)); // until the outcome is given up
    let closed = wait_until_closed(&stack, 10).await;
    assert_eq!(closed["closing"]["messagesInProgress"], 0, "{closed}");
    assert_eq!(items_with(&stack, &[sending.as_str()]).await, Rows::new());
}

#[tokio::test]
async fn a_file_whose_bytes_come_after_the_closing_is_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    let media = stack.create_media(PNG.len()).await;
    close(&stack).await;
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    wait_until_closed(&stack, 10).await;
    assert_eq!(files_of(&stack, ACCOUNT), 0);
}

#[tokio::test]
async fn an_event_about_a_file_is_deleted_with_its_account() {
    let stack = TestStack::start(PROGRAM).await;
    let media = stack.create_media(PNG.len()).await;
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    stack.wait_for_media(&media, "ready").await;
    let id = media["id"].as_str().expect("an id");
    assert!(items_with(&stack, &[id]).await.keys().any(|key| key.contains("event#")), "it has the file's name");
    close(&stack).await;
    wait_until_closed(&stack, 10).await;
    assert_eq!(items_with(&stack, &[id]).await, Rows::new());
}
