//! `send` dies after each of its calls to AWS. Promises 1 and 3: what was accepted arrives, and money is exact.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use local::stack::InBetween;
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::ids::MessageId;
use tests::proxy::{Fault, Proxy};
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

const BODY: &str = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hello"}"#;

struct Between {
    stack: TestStack,
    dynamodb: Proxy,
    sqs: Proxy,
}

impl Between {
    async fn start() -> Self {
        let (dynamodb, sqs) = (Proxy::start().await, Proxy::start().await);
        let between = InBetween { dynamodb: dynamodb.url.clone(), sqs: sqs.url.clone() };
        let stack = TestStack::start_with(PROGRAM, |options| options.in_between = Some(between)).await;
        dynamodb.set_upstream(&stack.stack.addresses.dynamodb);
        sqs.set_upstream(&stack.stack.addresses.sqs);
        Self { stack, dynamodb, sqs }
    }

    async fn post(&self, idempotency_key: Option<&str>) -> Option<(u16, Value)> {
        let request = self.stack.http.post(format!("{}/v1/messages/send", self.stack.stack.addresses.api));
        let request = request.bearer_auth(self.stack.customer.api_key.expose_secret()).body(BODY);
        let request = match idempotency_key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        };
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, serde_json::from_str(&response.text().await.ok()?).ok()?))
    }

    /// Does something with the next call of an operation.
    fn fault_at(&self, operation: &'static str, fault: Fault) {
        for proxy in [&self.dynamodb, &self.sqs] {
            let mut fault = Some(fault);
            proxy.decide(move |called| fault.take_if(|_| called == operation).unwrap_or(Fault::None));
        }
    }

    /// Waits until an accepted message has been read.
    async fn wait_until_read(&self, accepted: &Value) {
        let id: MessageId = accepted["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.stack.wait_for_status(&id, "read").await;
    }

    /// What the phones show, what is charged, and what is reserved, once everything has come to rest.
    async fn at_rest(&self) -> (usize, i64, usize) {
        // Once, for settle to see every reservation as old: more would let leases run out under messages that are on
        // their way. Only a settle that was at work at that moment needs another minute, after some seconds.
        self.stack.pass(Duration::from_secs(61));
        let looks = AtomicU32::new(0);
        eventually("no reservation to be left", || async {
            let left = self.stack.meter(&self.stack.customer.account_id).await.reservations.len();
            if left > 0 && looks.fetch_add(1, Ordering::Relaxed) % 500 == 499 {
                self.stack.pass(Duration::from_secs(61));
            }
            (left == 0).then_some(())
        })
        .await;
        eventually("no message to be on its way", || async {
            let scan = self.stack.stack.clients.dynamodb.scan().table_name(&self.stack.stack.tables["Messages"]);
            let records = scan.send().await.ok()?.items?;
            let queued = |record: &&_| {
                let record: &std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue> = record;
                record
                    .get("status")
                    .and_then(|status| status.as_s().ok())
                    .is_some_and(|status| status == "queued" || status == "sending")
            };
            (records.iter().filter(queued).count() == 0).then_some(())
        })
        .await;
        let meter = self.stack.meter(&self.stack.customer.account_id).await;
        (self.stack.whatsapp().ledger().taken().len(), meter.credits, meter.reservations.len())
    }
}

/// The calls of one request that change something, in their order.
const STEPS: [&str; 3] = ["UpdateItem", "PutItem", "SendMessage"];

#[tokio::test]
async fn a_request_whose_process_died_after_any_of_its_calls_costs_as_much_as_the_phone_shows() {
    for step in STEPS {
        let between = Between::start().await;
        let before = between.stack.meter(&between.stack.customer.account_id).await.credits;
        let (_, healthy) = between.post(None).await.expect("an answer of a healthy process");
        between.wait_until_read(&healthy).await; // so that the fault meets the next request and nobody else
        let pid = between.stack.pid("send");
        between.fault_at(step, Fault::KillAfter(pid));
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
        let between = Between::start().await;
        let before = between.stack.meter(&between.stack.customer.account_id).await.credits;
        between.fault_at(step, Fault::KillAfter(between.stack.pid("send")));
        assert!(between.post(Some("order-12")).await.is_none_or(|(status, _)| status >= 500), "{step}");
        if step == "PutItem" {
            let (status, answer) = between.post(Some("order-12")).await.expect("an answer");
            let error = &answer["error"];
            assert_eq!((status, &error["code"]), (409, &Value::from("idempotency_in_progress")), "{answer}");
        }
        between.stack.pass(Duration::from_secs(11));
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
        let between = Between::start().await;
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
    let between = Between::start().await;
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
