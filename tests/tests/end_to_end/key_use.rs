//! When an API key was last used: known to within an hour, for one write an hour and key.

use std::time::Duration;

use serde_json::{Value, json};
use shared::account::Scope;
use shared::ids::AccountId;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// As long as a process knows a key without a read.
const KEY_AGE: Duration = Duration::from_secs(61);
const AN_HOUR: Duration = Duration::from_secs(60 * 60);

async fn last_use(stack: &TestStack, account: &AccountId) -> Value {
    let (_, listed) = stack.operate(&format!("GET /v1/admin/accounts/{account}/keys"), Value::Null).await;
    assert_eq!(listed["pagination"]["total"], 1, "{listed}");
    listed["data"][0]["lastUsedAt"].clone()
}

#[tokio::test]
async fn a_key_shows_its_last_use_to_within_an_hour_for_one_write() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let account = stack.open_account(shared::account::Plan::Free, 0).await;
    stack.copy_instance_to(&account, "inst_theirs").await;
    let key = stack.key(&account, Scope::ALL, None).await;
    assert_eq!(last_use(stack, &account).await, Value::Null);
    let calls = || {
        let calls = proxied.dynamodb.calls_by_caller();
        ["GetItem", "UpdateItem"].map(|call| calls.get(&("send".to_owned(), call.to_owned())).copied().unwrap_or(0))
    };
    let refused = json!({ "to": "+55" });
    let used = async || {
        let [reads, writes] = calls();
        assert_eq!(stack.call_as(&key, "POST /v1/messages/send", refused.clone()).await.0, 400);
        let [reads_now, writes_now] = calls();
        (reads_now - reads, writes_now - writes - 1) // one write counts the request
    };
    let before = stack.now();
    assert_eq!(used().await, (2, 1), "the key and its account are read, and the use is noted");
    let first = last_use(stack, &account).await;
    let at: shared::clock::Timestamp = first.as_str().and_then(|text| text.parse().ok()).expect("a time");
    assert!(before <= at && at <= stack.now(), "{first}");
    assert_eq!(used().await, (0, 0));
    stack.pass(KEY_AGE);
    assert_eq!(used().await, (2, 0), "nothing is written within the hour");
    assert_eq!(last_use(stack, &account).await, first);
    stack.pass(AN_HOUR);
    assert_eq!(used().await, (2, 1));
    assert_ne!(last_use(stack, &account).await, first);
}

#[tokio::test]
async fn a_use_by_two_functions_is_noted_once() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(shared::account::Plan::Free, 0).await;
    let key = stack.key(&account, Scope::ALL, None).await;
    assert_eq!(stack.call_as(&key, "GET /v1/instances", Value::Null).await.0, 200);
    let first = last_use(&stack, &account).await;
    assert!(first.is_string());
    stack.pass(KEY_AGE);
    assert_eq!(stack.call_as(&key, "POST /v1/messages/send", json!({})).await.0, 400);
    assert_eq!(last_use(&stack, &account).await, first, "it is another process that uses the key, within the hour");
}

#[tokio::test]
async fn the_use_of_an_inbound_url_is_one_of_its_key() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.customer.account_id.clone();
    let inbound = json!({ "name": "Shop", "instanceId": "inst_abc123" });
    let (_, created) = stack.call("POST /v1/webhooks/inbound", inbound).await;
    let first = last_use(&stack, &account).await;
    stack.pass(AN_HOUR + KEY_AGE);
    let url = created["data"]["url"].as_str().expect("a URL");
    let answer = stack.http.post(url).body(r#"{"to":"5511999999999","message":"hi"}"#).send().await;
    assert_eq!(answer.expect("an answer").status(), 202);
    assert_ne!(last_use(&stack, &account).await, first);
}

#[tokio::test]
async fn a_use_that_is_noted_late_lists_no_revoked_key_again() {
    let stack = TestStack::start(PROGRAM).await;
    let path = format!("/v1/admin/accounts/{}/keys", stack.customer.account_id);
    let (_, key) = stack.operate(&format!("POST {path}"), json!({ "name": "Server" })).await;
    let id = key["data"]["id"].as_str().expect("an id");
    assert_eq!(stack.operate(&format!("DELETE {path}/{id}"), Value::Null).await.0, 204);
    let noted = stack.accounts.note_key_use(&stack.customer.account_id, &id.parse().expect("an id"), AN_HOUR).await;
    noted.expect("the table answers");
    let (status, listed) = stack.operate(&format!("GET {path}"), Value::Null).await;
    assert_eq!((status, &listed["pagination"]["total"]), (200, &json!(1)), "{listed}");
}
