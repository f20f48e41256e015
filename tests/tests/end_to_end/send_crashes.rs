//! `send` dies after each of its calls to AWS. Promises 1 and 3: what was accepted arrives, and money is exact.

use std::time::Duration;

use serde_json::Value;
use tests::between::Between;
use tests::fault::Fault;
use tests::wait::eventually;

use crate::PROGRAM;

const BODY: &str = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hello"}"#;

/// The calls of one request that change something, in their order.
const STEPS: [&str; 3] = ["UpdateItem", "PutItem", "SendMessage"];

#[tokio::test]
async fn a_request_whose_process_died_after_any_of_its_calls_costs_as_much_as_the_phone_shows() {
    for step in STEPS {
        let between = Between::start(PROGRAM).await;
        let before = between.stack.meter(&between.stack.customer.account_id).await.credits;
        let (_, healthy) = between.post(None).await.expect("an answer of a healthy process");
        between.wait_until_read(&healthy).await; // so that the fault meets the next request and nobody else
        between.fault_at(step, Fault::KillAfter);
        let answer = between.post(None).await;
        assert!(answer.is_none_or(|(status, _)| status >= 500), "{step}");
        let (taken, credits, reserved) = between.at_rest().await;
        assert_eq!((before - credits, reserved), (i64::try_from(taken).expect("few"), 0), "{step}");
        assert_eq!(taken, if step == "UpdateItem" { 1 } else { 2 }, "{step}: recorded is as good as accepted");
    }
}

#[tokio::test]
async fn a_retry_with_the_same_key_after_a_crash_at_any_step_still_ends_in_one_message() {
    for step in STEPS {
        let between = Between::start(PROGRAM).await;
        let before = between.stack.meter(&between.stack.customer.account_id).await.credits;
        between.fault_at(step, Fault::KillAfter);
        assert!(between.post(Some("order-12")).await.is_none_or(|(status, _)| status >= 500), "{step}");
        if step == "PutItem" {
            let (status, answer) = between.post(Some("order-12")).await.expect("an answer");
            let error = &answer["error"];
            assert_eq!((status, &error["code"]), (409, &Value::from("idempotency_in_progress")), "{answer}");
        }
        between.stack.pass(Duration::from_secs(16));
        let accepted = eventually("the retry to be accepted", || async {
            let (status, answer) = between.post(Some("order-12")).await?;
            (status == 202).then_some(answer)
        })
        .await;
        between.wait_until_read(&accepted).await;
        let (taken, credits, reserved) = between.at_rest().await;
        assert_eq!((taken, before - credits, reserved), (1, 1, 0), "{step}");
    }
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_repeated_by_the_sdk_and_changes_nothing_twice() {
    for step in STEPS {
        let between = Between::start(PROGRAM).await;
        let before = between.stack.meter(&between.stack.customer.account_id).await.credits;
        between.fault_at(step, Fault::DropAfter);
        let (status, answer) = between.post(None).await.expect("an answer");
        assert_eq!(status, 202, "{step}: {answer}");
        between.wait_until_read(&answer).await;
        let (taken, credits, reserved) = between.at_rest().await;
        assert_eq!((taken, before - credits, reserved), (1, 1, 0), "{step}");
    }
}

#[tokio::test]
async fn a_request_that_is_refused_writes_nothing_and_one_over_its_limit_asks_nobody() {
    let between = Between::start(PROGRAM).await;
    let writes = || {
        let calls = between.dynamodb.calls();
        ["UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems"]
            .map(|write| calls.get(write).copied().unwrap_or(0))
    };
    let before = writes();
    let send = "POST /v1/messages/send";
    let body: Value = serde_json::from_str(BODY).expect("JSON");
    assert_eq!(between.stack.call_as("pombo_nobody", send, body.clone()).await.0, 401);
    assert_eq!(between.stack.call(send, serde_json::json!({ "to": "+55" })).await.0, 400);
    assert_eq!(writes(), before, "neither an unknown key nor a bad body costs a write");

    let account = between.stack.open_account(shared::account::Plan::Free, 0).await;
    between.stack.copy_instance_to(&account, "inst_abc123").await;
    let key = between.stack.key(&account, &shared::account::Scope::ALL, None).await;
    // An empty balance is remembered for a second, which two requests of a slow machine may lie apart.
    eventually("a refusal without a call", || async {
        let before = between.dynamodb.calls();
        assert_eq!(between.stack.call_as(&key, send, body.clone()).await.0, 402);
        (between.dynamodb.calls() == before).then_some(())
    })
    .await;
}
