//! What the promise of an erasure costs: attempts at webhooks read whether their message was erased only where it may have been.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const PHONE: &str = "5511900000009";
/// Longer than an erasure may last.
const A_WHILE: Duration = Duration::from_secs(61);

/// Counts the reads of messages that `notify` makes. It reads a single one only to know whether it was erased.
#[derive(Default)]
struct Reads(AtomicUsize);

impl Reads {
    /// The reads since it was last asked.
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Listener for Reads {
    fn answered(&self, call: &Call<'_>) {
        let asked: Value = serde_json::from_slice(call.body).unwrap_or_default();
        let is_of_messages = asked["TableName"].as_str().is_some_and(|table| table.contains("Messages"));
        if (call.caller, call.operation) == ("notify", "GetItem") && is_of_messages {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Sends a text, waits until a webhook has its events and `notify` is idle, and returns how often `notify` read a message.
async fn reads_of_a_message(stack: &TestStack, receiver: &WebhookReceiver, reads: &Reads) -> usize {
    let id = stack.send_text(PHONE, "Your order has left the house.").await;
    for event in ["message.sent", "message.delivered", "message.read"] {
        receiver.wait_for(id.as_str(), event).await;
    }
    stack.wait_until_idle("notify").await;
    reads.take()
}

#[tokio::test]
async fn an_attempt_reads_no_message_that_came_after_the_last_erasure() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let (stack, receiver, reads) = (&proxied.stack, WebhookReceiver::start().await, Arc::new(Reads::default()));
    proxied.dynamodb.listen(reads.clone());
    for webhook in stack.call("GET /v1/webhooks", Value::Null).await.1["data"].as_array().expect("a list") {
        let path = format!("DELETE /v1/webhooks/{}", webhook["id"].as_str().expect("an id"));
        assert_eq!(stack.call(&path, Value::Null).await.0, 204);
    }
    stack.webhook_for(&receiver, &["message.sent", "message.delivered", "message.read"]).await;
    assert_eq!(reads_of_a_message(stack, &receiver, &reads).await, 3, "a webhook that is new");
    stack.pass(A_WHILE);
    assert_eq!(reads_of_a_message(stack, &receiver, &reads).await, 0, "a webhook that is a minute old");

    assert_eq!(stack.erase("5511900000001").await, json!({ "erased": 0, "remaining": 0 }));
    assert_eq!(reads_of_a_message(stack, &receiver, &reads).await, 3, "an erasure that may be in progress");
    stack.pass(A_WHILE);
    assert_eq!(reads_of_a_message(stack, &receiver, &reads).await, 0, "an erasure that has ended");
}
