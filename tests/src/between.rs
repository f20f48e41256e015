//! A stack with proxies between its functions and its AWS servers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local::stack::{InBetween, Options};
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::ids::MessageId;

use crate::fault::Fault;
use crate::proxy::Proxy;
use crate::test_stack::TestStack;
use crate::wait::eventually;

/// What is sent.
const BODY: &str = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hello"}"#;

/// A stack and what stands between its parts.
pub struct Between {
    /// The stack.
    pub stack: TestStack,
    /// Between the functions and DynamoDB.
    pub dynamodb: Proxy,
    /// Between the functions and SQS.
    pub sqs: Proxy,
}

impl Between {
    /// Starts a stack as it is, with everything passed on. `program` is `CARGO_BIN_EXE_pombo-under-test`.
    pub async fn start(program: &str) -> Self {
        Self::start_with(program, |_| {}).await
    }

    /// The same after a change of its options.
    pub async fn start_with(program: &str, change: impl FnOnce(&mut Options)) -> Self {
        let (dynamodb, sqs) = (Proxy::start().await, Proxy::start().await);
        let between =
            InBetween { dynamodb: dynamodb.url.clone(), sqs: sqs.url.clone(), whatsapp: None, sources: false };
        let stack = TestStack::start_with(program, |options| {
            options.in_between = Some(between);
            change(options);
        })
        .await;
        dynamodb.set_upstream(&stack.stack.addresses.dynamodb);
        sqs.set_upstream(&stack.stack.addresses.sqs);
        for proxy in [&dynamodb, &sqs] {
            proxy.set_functions(&stack.stack.functions);
        }
        Self { stack, dynamodb, sqs }
    }

    /// Does something with the next call of an operation that `send` makes.
    pub fn fault_at(&self, operation: &'static str, fault: Fault) {
        for proxy in [&self.dynamodb, &self.sqs] {
            let mut fault = Some(fault);
            proxy.decide(move |call, _| {
                fault.take_if(|_| call.caller == "send" && call.operation == operation).unwrap_or(Fault::None)
            });
        }
    }

    /// Sends a text, with a key or without; nothing when there is no answer.
    pub async fn post(&self, idempotency_key: Option<&str>) -> Option<(u16, Value)> {
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

    /// Waits until an accepted message has been read.
    pub async fn wait_until_read(&self, accepted: &Value) {
        let id: MessageId = accepted["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.stack.wait_for_status(&id, "read").await;
    }

    /// What the phones show, what is charged, and what is reserved, once everything has come to rest.
    pub async fn at_rest(&self) -> (usize, i64, usize) {
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
                let record: &HashMap<String, AttributeValue> = record;
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
