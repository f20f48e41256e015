//! A stack whose functions reach DynamoDB, SQS, WhatsApp and S3 through proxies.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local::dev_stack::{Options, Proxies};
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::ids::MessageId;

use crate::fault::Fault;
use crate::proxy::{FaultAt, Proxy};
use crate::test_stack::TestStack;
use crate::wait::eventually;

/// The body of every request.
const BODY: &str = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hello"}"#;

/// A stack and its proxies.
pub struct ProxiedStack {
    /// The stack.
    pub stack: TestStack,
    /// The proxy between the functions and DynamoDB.
    pub dynamodb: Proxy,
    /// The proxy between the functions and SQS.
    pub sqs: Proxy,
    /// The proxy between the functions and WhatsApp.
    pub whatsapp: Proxy,
    /// The proxy between the functions and customers, and S3.
    pub s3: Proxy,
}

impl ProxiedStack {
    /// Starts a stack with default options and no faults. `program` is `CARGO_BIN_EXE_pombo-under-test`.
    pub async fn start(program: &str) -> Self {
        Self::start_with(program, |_| {}).await
    }

    /// Starts a stack with changed options and no faults.
    pub async fn start_with(program: &str, change: impl FnOnce(&mut Options)) -> Self {
        let [dynamodb, sqs, whatsapp, s3] =
            [Proxy::start().await, Proxy::start().await, Proxy::start().await, Proxy::start().await];
        let proxied = Proxies {
            dynamodb: dynamodb.url.clone(),
            sqs: sqs.url.clone(),
            s3: Some(s3.url.clone()),
            whatsapp: Some(whatsapp.url.clone()),
            event_sources: false,
        };
        let stack = TestStack::start_with(program, |options| {
            options.proxies = Some(proxied);
            change(options);
        })
        .await;
        dynamodb.set_upstream(&stack.stack.addresses.dynamodb);
        sqs.set_upstream(&stack.stack.addresses.sqs);
        whatsapp.set_upstream(&stack.stack.addresses.whatsapp);
        s3.set_upstream(&stack.stack.addresses.s3);
        for proxy in [&dynamodb, &sqs, &whatsapp, &s3] {
            proxy.set_functions(&stack.stack.functions);
        }
        Self { stack, dynamodb, sqs, whatsapp, s3 }
    }

    /// Injects a fault at the next call of an operation by `send`.
    pub fn fault_at(&self, operation: &'static str, fault: Fault) {
        for proxy in [&self.dynamodb, &self.sqs] {
            let mut fault = Some(fault);
            proxy.set_faults(move |call, _| {
                fault.take_if(|_| call.caller == "send" && call.operation == operation).unwrap_or(Fault::None)
            });
        }
    }

    /// Sends a text, with an Idempotency-Key or without; none when there is no answer.
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

    /// A request that crashes when its message is recorded and not enqueued.
    pub async fn break_off(&self, idempotency_key: Option<&str>) {
        self.sqs.set_faults(|call, _| if call.caller == "send" { Fault::DropBefore } else { Fault::None });
        self.dynamodb.inject([FaultAt("send", "DeleteItem", 1, &[Fault::KillBefore])]);
        assert!(self.post(idempotency_key).await.is_none_or(|(status, _)| status >= 500));
        self.sqs.set_faults(|_, _| Fault::None);
    }

    /// Waits until an accepted message has been read.
    pub async fn wait_until_read(&self, accepted: &Value) {
        let id: MessageId = accepted["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.stack.wait_for_status(&id, "read").await;
    }

    /// How many messages WhatsApp accepted, the remaining credits, and how many reservations are left, when the stack
    /// is quiescent.
    pub async fn at_rest(&self) -> (usize, i64, usize) {
        // Every move of the clock shortens the leases of messages that are being sent, so it is moved once, and again
        // only when settle has run since and left a reservation, such as one whose queue did not answer.
        let settle = &self.stack.stack.functions["settle"];
        let left = || async { self.stack.ledger(&self.stack.customer.account_id).await.reservations.len() };
        while left().await > 0 {
            self.stack.wait_until_idle("deliver").await;
            let runs = settle.invocations();
            self.stack.pass(Duration::from_secs(61));
            let is_over = || async {
                let has_run = settle.invocations() > runs && settle.concurrent_executions() == 0;
                (has_run || left().await == 0).then_some(())
            };
            eventually("settle to release the reservations", is_over).await;
        }
        eventually("no message to be in progress", || async {
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
        let ledger = self.stack.ledger(&self.stack.customer.account_id).await;
        (self.stack.whatsapp().ledger().taken().len(), ledger.credits, ledger.reservations.len())
    }
}
