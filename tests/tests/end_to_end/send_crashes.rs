//! Crashes of `send` after each of its calls to AWS. Promises 1 and 3: accepted messages arrive, and credits are exact.

use std::time::Duration;

use serde_json::Value;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::wait::eventually;

use crate::PROGRAM;

const BODY: &str = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hello"}"#;

/// The writes of one request, in order.
const STEPS: [&str; 3] = ["UpdateItem", "PutItem", "SendMessage"];

/// Has the first use of the key noted, which is a write of its own.
async fn use_key(proxied: &ProxiedStack) {
    assert_eq!(proxied.stack.call("POST /v1/messages/send", serde_json::json!({})).await.0, 400);
}

#[tokio::test]
async fn a_crash_of_send_at_any_step_charges_exactly_what_is_sent() {
    for step in STEPS {
        let proxied = ProxiedStack::start(PROGRAM).await;
        let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
        let (_, healthy) = proxied.post(None).await.expect("an answer of a healthy process");
        proxied.wait_until_read(&healthy).await; // so that the fault affects the next request only
        proxied.fault_at(step, Fault::KillAfter);
        let answer = proxied.post(None).await;
        assert!(answer.is_none_or(|(status, _)| status >= 500), "{step}");
        let (taken, credits, reserved) = proxied.at_rest().await;
        assert_eq!((before - credits, reserved), (i64::try_from(taken).expect("few"), 0), "{step}");
        assert_eq!(taken, if step == "UpdateItem" { 1 } else { 2 }, "{step}: recorded is as good as accepted");
    }
}

#[tokio::test]
async fn a_retry_with_the_same_key_after_a_crash_sends_one_message() {
    for step in STEPS {
        let proxied = ProxiedStack::start(PROGRAM).await;
        let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
        use_key(&proxied).await;
        proxied.fault_at(step, Fault::KillAfter);
        assert!(proxied.post(Some("order-12")).await.is_none_or(|(status, _)| status >= 500), "{step}");
        if step == "PutItem" {
            let (status, answer) = proxied.post(Some("order-12")).await.expect("an answer");
            // It is enqueued at the same time: it may have been sent by now.
            let is_in_progress = answer["error"]["code"] == "idempotency_in_progress";
            assert!(status == 202 || (status == 409 && is_in_progress), "{answer}");
        }
        proxied.stack.pass(Duration::from_secs(16));
        let accepted = eventually("the retry to be accepted", || async {
            let (status, answer) = proxied.post(Some("order-12")).await?;
            (status == 202).then_some(answer)
        })
        .await;
        proxied.wait_until_read(&accepted).await;
        let (taken, credits, reserved) = proxied.at_rest().await;
        assert_eq!((taken, before - credits, reserved), (1, 1, 0), "{step}");
    }
}

#[tokio::test]
async fn a_call_repeated_by_the_sdk_changes_nothing_twice() {
    for step in STEPS {
        let proxied = ProxiedStack::start(PROGRAM).await;
        let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
        use_key(&proxied).await;
        proxied.fault_at(step, Fault::DropAfter);
        let (status, answer) = proxied.post(None).await.expect("an answer");
        assert_eq!(status, 202, "{step}: {answer}");
        proxied.wait_until_read(&answer).await;
        let (taken, credits, reserved) = proxied.at_rest().await;
        assert_eq!((taken, before - credits, reserved), (1, 1, 0), "{step}");
    }
}

#[tokio::test]
async fn a_refused_request_makes_no_message_and_counts_with_at_most_one_write() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let writes = || {
        let calls = proxied.dynamodb.calls_by_caller();
        let count = |write: &str| calls.get(&("send".to_owned(), write.to_owned())).copied().unwrap_or(0);
        ["UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems"].map(count)
    };
    use_key(&proxied).await;
    let before = writes();
    let send = "POST /v1/messages/send";
    let body: Value = serde_json::from_str(BODY).expect("JSON");
    assert_eq!(proxied.stack.call_as("pombo_nobody", send, body.clone()).await.0, 401);
    assert_eq!(writes(), before, "an unknown key has no limit");
    assert_eq!(proxied.stack.call(send, serde_json::json!({ "to": "+55" })).await.0, 400);
    let [updates, others @ ..] = before;
    assert_eq!(writes(), [&[updates + 1][..], &others].concat()[..], "the request is counted");

    let account = proxied.stack.open_account(shared::account::Plan::Free, 0).await;
    proxied.stack.copy_instance_to(&account, "inst_abc123").await;
    let key = proxied.stack.key(&account, shared::account::api_key::Scope::ALL, None).await;
    // An empty balance is cached for a second; on a slow machine, two requests may be further apart.
    eventually("a refusal with one call, which counts it", || async {
        let calls = || {
            let calls = proxied.dynamodb.calls_by_caller().into_iter();
            calls.filter(|((caller, _), _)| caller == "send").map(|(_, count)| count).sum::<usize>()
        };
        let (updates, made) = (writes()[0], calls());
        assert_eq!(proxied.stack.call_as(&key, send, body.clone()).await.0, 402);
        ((writes()[0], calls()) == (updates + 1, made + 1)).then_some(())
    })
    .await;
    let ledger = proxied.stack.ledger(&account).await;
    assert_eq!((ledger.credits, ledger.reservations.len(), proxied.stack.whatsapp().ledger().asked()), (0, 0, 0));
}
