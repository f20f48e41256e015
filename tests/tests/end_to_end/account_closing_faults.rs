//! Closing an account while its processes crash, and while others still act for it.

use serde_json::{Value, json};
use shared::account::Scope;
use shared::ids::AccountId;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;

use crate::account_closing::{ACCOUNT, close, fill, items_with, settle_once, wait_until_closed};
use crate::people::callback;
use crate::{PROGRAM, account_closing};

const PHONE: &str = "5511911110051";
const WRITES: [&str; 5] = ["TransactWriteItems", "UpdateItem", "BatchWriteItem", "DeleteItem", "DeleteObject"];

fn account() -> AccountId {
    ACCOUNT.parse().expect("an id")
}

/// The items of the account, without what nobody can find by it: events that wait for the stream, and the number without an owner.
async fn left(stack: &TestStack, texts: &[&str]) -> Vec<String> {
    let rows = items_with(stack, texts).await.into_keys();
    rows.filter(|key| !key.contains("event#") && !key.ends_with(" freed")).collect()
}

#[tokio::test]
async fn a_closing_goes_on_after_crashes_at_every_third_write() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let ids = fill(stack).await;
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    for proxy in [&proxied.dynamodb, &proxied.s3] {
        proxy.reset_counts();
        proxy.set_faults(|call, _| match call.number % 6 {
            _ if !["manage", "settle"].contains(&call.caller.as_str()) => Fault::None,
            _ if !WRITES.contains(&call.operation.as_str()) => Fault::None,
            1 => Fault::KillBefore,
            4 => Fault::KillAfter,
            _ => Fault::None,
        });
    }
    let path = format!("DELETE /v1/admin/accounts/{ACCOUNT}?name=Demo");
    let mut statuses = Vec::new();
    while statuses.last() != Some(&202) && statuses.len() < 60 {
        statuses.push(stack.operate(&path, Value::Null).await.0);
    }
    assert!(statuses.len() > 1, "it crashed as well: {statuses:?}");
    wait_until_closed(stack, 100).await;
    assert_eq!(left(stack, &texts).await, [format!("Accounts {ACCOUNT} account")]);
}

#[tokio::test]
async fn two_requests_at_the_same_time_close_an_account_once() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    proxied.dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
    let second = async {
        proxied.dynamodb.wait_until_frozen().await;
        let closing = close(stack).await;
        proxied.dynamodb.resume();
        closing
    };
    let (first, second) = tokio::join!(close(stack), second);
    assert_eq!(first["closing"]["startedAt"], second["closing"]["startedAt"]);
    assert_eq!(stack.logs().matches("account.closing").count(), 1);
    wait_until_closed(stack, 10).await;
    assert_eq!(left(stack, &[ACCOUNT]).await, [format!("Accounts {ACCOUNT} account")]);
}

#[tokio::test]
async fn a_message_that_is_accepted_during_the_closing_is_deleted_and_not_sent() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let credits = account_closing::shown(stack).await["credits"].clone();
    // The charge, after the use of the key was noted.
    proxied.dynamodb.inject([FaultAt("send", "UpdateItem", 2, &[Fault::FreezeAfter])]);
    let closing = async {
        proxied.dynamodb.wait_until_frozen().await;
        close(stack).await;
        proxied.dynamodb.resume();
    };
    let (accepted, ()) = tokio::join!(proxied.post(None), closing);
    let (status, accepted) = accepted.expect("an answer");
    assert_eq!(status, 202, "{accepted}");
    let id = accepted["messageId"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(stack.record(&id).await.account_id, account());
    let closed = wait_until_closed(stack, 10).await;
    assert_eq!(closed["credits"], credits, "{closed}");
    assert_eq!(left(stack, &[ACCOUNT, id.as_str()]).await, [format!("Accounts {ACCOUNT} account")]);
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn nothing_is_deleted_while_a_process_may_act_on_what_it_read() {
    let stack = TestStack::start(PROGRAM).await;
    let sent = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&sent, "read").await;
    close(&stack).await;
    for _ in 0..3 {
        let waits = settle_once(&stack).await;
        assert_eq!((&waits["closing"]["step"], &waits["closing"]["messagesDeleted"]), (&json!("waiting"), &json!(0)));
        assert_eq!(stack.record(&sent).await.account_id, account());
    }
    wait_until_closed(&stack, 10).await;
    assert_eq!(left(&stack, &[ACCOUNT]).await, [format!("Accounts {ACCOUNT} account")]);
}

#[tokio::test]
async fn a_message_that_is_received_during_the_closing_is_deleted() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    proxied.dynamodb.inject([FaultAt("receive", "PutItem", 1, &[Fault::FreezeBefore])]);
    let closing = async {
        proxied.dynamodb.wait_until_frozen().await;
        close(stack).await;
        proxied.dynamodb.resume();
    };
    let inbound = callback(&Value::Null, &[account_closing::recent("wamid.late")]);
    let (status, ()) = tokio::join!(stack.post_callback(&inbound, None), closing);
    assert_eq!(status, 200);
    assert!(!left(stack, &[PHONE]).await.is_empty(), "it came after the number was taken");
    wait_until_closed(stack, 10).await;
    assert_eq!(left(stack, &[ACCOUNT, PHONE]).await, [format!("Accounts {ACCOUNT} account")]);
}

#[tokio::test]
async fn an_instance_that_is_created_during_the_closing_is_refused() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    proxied.dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
    let closing = async {
        proxied.dynamodb.wait_until_frozen().await;
        close(stack).await;
        proxied.dynamodb.resume();
    };
    let create = stack.call("POST /v1/instances", json!({ "name": "Late" }));
    let ((status, answer), ()) = tokio::join!(create, closing);
    assert_eq!(status, 503, "{answer}");
    assert_eq!(stack.accounts.instances(&account()).await.expect("the table answers").len(), 0);
}

#[tokio::test]
async fn what_an_earlier_version_creates_in_a_closing_account_is_refused_and_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    close(&stack).await;
    let key = stack.key(&account(), Scope::ALL, None).await;
    assert_eq!(stack.call_as(&key, "GET /v1/instances", Value::Null).await.0, 401);
    account_closing::create_as_an_earlier_version(&stack).await;
    stack.pass(shared::closing::UNTIL_UNUSED);
    let stopped = settle_once(&stack).await;
    assert_eq!(stopped["closing"]["step"], "waiting", "the wait begins anew: {stopped}");
    wait_until_closed(&stack, 10).await;
    assert_eq!(left(&stack, &[ACCOUNT]).await, [format!("Accounts {ACCOUNT} account")]);
}
