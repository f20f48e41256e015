//! Every request with a valid key counts against the key's limit, whatever its answer. What an account has many of, or has in
//! progress, is bounded.

use std::time::Duration;

use serde_json::{Value, json};
use shared::account::{Account, Admission, ConcurrencyLimit, Operation, Plan, Scope};
use shared::clock;
use shared::ids::{AccountId, InstanceId};
use shared::instance::Instance;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

/// Requests a minute of each key.
const LIMIT: u32 = 3;
const A_MINUTE: Duration = Duration::from_secs(61);
/// The connects in progress, as `manage` limits them.
const CONNECTS: ConcurrencyLimit = ConcurrencyLimit { kind: "connects", max: 4, lease: Duration::from_secs(20) };

/// An account with a small limit, a connected instance and one that is not connected.
pub async fn limited_account(stack: &TestStack, per_minute: u32, credits: i64) -> AccountId {
    let id = stack.open_account(Plan::Enterprise, credits).await;
    let account = Account {
        requests_per_minute: Some(per_minute),
        ..Account::new(id.clone(), "Another".to_owned(), Plan::Enterprise, clock::now())
    };
    stack.accounts.put_account(&account).await.expect("the table takes it");
    stack.copy_instance_to(&id, "inst_theirs").await;
    let idle: InstanceId = "inst_idle".parse().expect("an id");
    let idle = Instance::new(id.clone(), idle, "Idle".to_owned(), clock::now());
    stack.accounts.put_instance(&idle).await.expect("the table takes it");
    id
}

/// The status of an answer, and how many requests it says are left.
async fn post(stack: &TestStack, key: &str, idempotency_key: Option<&str>, body: &Value) -> (u16, u32) {
    let request = stack.http.post(format!("{}/v1/messages/send", stack.stack.addresses.api)).bearer_auth(key);
    let request = idempotency_key.iter().fold(request, |request, key| request.header("Idempotency-Key", *key));
    let answer = request.body(body.to_string()).send().await.expect("an answer");
    let status = answer.status().as_u16();
    assert_eq!(answer.headers().contains_key("retry-after"), status == 429);
    (status, answer.headers()["x-ratelimit-remaining"].to_str().expect("text").parse().expect("a number"))
}

fn text(instance: &str) -> Value {
    json!({ "instanceId": instance, "to": "5511999999999", "message": "hi" })
}

#[tokio::test]
async fn a_refused_request_to_send_counts_against_the_limit_of_its_key() {
    let stack = TestStack::start(PROGRAM).await;
    let (rich, poor) = (limited_account(&stack, LIMIT, 100).await, limited_account(&stack, LIMIT, 0).await);
    for (account, scopes, body, status) in [
        (&poor, Scope::ALL, text("inst_theirs"), 402),
        (&rich, Scope::ALL, json!({ "to": "+55" }), 400),
        (&rich, &[Scope::MessagesRead], text("inst_theirs"), 403),
        (&rich, Scope::ALL, text("inst_nobody"), 404),
        (&rich, Scope::ALL, text("inst_idle"), 409),
    ] {
        let key = stack.key(account, scopes, None).await;
        for left in (0..LIMIT).rev() {
            assert_eq!(post(&stack, &key, None, &body).await, (status, left));
        }
        assert_eq!(post(&stack, &key, None, &body).await, (429, 0), "after {status}");
        stack.pass(A_MINUTE);
        assert_eq!(post(&stack, &key, None, &body).await.0, status);
    }
    for (account, credits) in [(&rich, 100), (&poor, 0)] {
        let ledger = stack.ledger(account).await;
        assert_eq!((ledger.credits, ledger.reservations.len()), (credits, 0));
    }
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_replay_of_an_idempotency_key_counts_against_the_limit_of_its_key() {
    let stack = TestStack::start(PROGRAM).await;
    let account = limited_account(&stack, LIMIT, 100).await;
    let (key, other) = (stack.key(&account, Scope::ALL, None).await, stack.key(&account, Scope::ALL, None).await);
    let body = text("inst_theirs");
    let retry = async |key: &str| post(&stack, key, Some("order-12"), &body).await.0;
    assert_eq!(retry(&key).await, 202);
    stack.wait_for_taken(1).await;
    for expected in [202, 202, 429] {
        assert_eq!(retry(&key).await, expected);
    }
    assert_eq!(retry(&other).await, 202, "each key has its own limit");
    stack.pass(A_MINUTE);
    assert_eq!(retry(&key).await, 202);
    assert_eq!((stack.whatsapp().ledger().asked(), stack.ledger(&account).await.credits), (1, 99));
}

#[tokio::test]
async fn a_request_without_the_scope_of_an_endpoint_counts_against_the_limit_of_its_key() {
    let stack = TestStack::start(PROGRAM).await;
    let account = limited_account(&stack, LIMIT, 0).await;
    let key = stack.key(&account, &[Scope::MessagesRead], None).await;
    for _ in 0..LIMIT {
        assert_eq!(stack.call_as(&key, "GET /v1/instances", Value::Null).await.0, 403);
    }
    assert_eq!(stack.call_as(&key, "GET /v1/instances", Value::Null).await.0, 429);
}

#[tokio::test]
async fn a_flood_of_refused_requests_costs_no_more_writes_than_the_limit_allows_requests() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let (stack, send) = (&proxied.stack, "POST /v1/messages/send");
    let key = stack.key(&limited_account(stack, LIMIT, 0).await, Scope::ALL, None).await;
    let calls = || {
        let calls = proxied.dynamodb.calls_by_caller().into_iter();
        calls.filter_map(|((caller, call), count)| (caller == "send").then_some((call, count))).collect::<Vec<_>>()
    };
    eventually("a refusal without a call", || async {
        let before = calls();
        let (status, _) = stack.call_as(&key, send, text("inst_theirs")).await;
        (status == 429 && calls() == before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refusal_that_could_not_be_counted_is_answered_all_the_same() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let account = limited_account(stack, LIMIT, 1).await;
    let key = stack.key(&account, Scope::ALL, None).await;
    assert_eq!(post(stack, &key, None, &text("inst_theirs")).await.0, 202);
    proxied.dynamodb.set_faults(|call, _| match call.operation.as_str() {
        "UpdateItem" if call.caller == "send" => Fault::Unavailable,
        _ => Fault::None,
    });
    assert_eq!(post(stack, &key, None, &json!({ "to": "+55" })).await.0, 400);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    assert_eq!(post(stack, &key, None, &json!({ "to": "+55" })).await, (400, 1), "the table is asked anew");
}

#[tokio::test]
async fn an_account_has_a_bounded_number_of_connects_in_progress() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Shop" })).await;
    let connect = format!("POST /v1/instances/{}/connect", created["data"]["id"].as_str().expect("an id"));
    let body =
        || json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-good" });
    // As four processes would, which then crash.
    let account = &stack.customer.account_id;
    let of = |id: &'static str| Operation { account, subject: id, id };
    for id in ["1", "2", "3", "4"] {
        let admitted = CONNECTS.acquire(&stack.accounts, of(id)).await.expect("the table answers");
        assert_eq!(admitted, Admission::Admitted);
    }
    let (status, answer) = stack.call(&connect, body()).await;
    assert_eq!((status, &answer["error"]["code"]), (429, &json!("rate_limit_exceeded")), "{answer}");
    CONNECTS.release(&stack.accounts, of("3")).await.expect("the table answers");
    assert_eq!(stack.call(&connect, body()).await.0, 200);
    let again = CONNECTS.acquire(&stack.accounts, of("5")).await.expect("the table answers");
    assert_eq!(again, Admission::Admitted, "the connect has ended its own");
    assert_eq!(stack.call(&connect.replace("/connect", "/disconnect"), Value::Null).await.0, 200);
    stack.pass(Duration::from_secs(21));
    assert_eq!(stack.call(&connect, body()).await.0, 200, "leases of crashed processes end");
}
