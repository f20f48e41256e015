//! The look-up of an Idempotency-Key costs half a read unit, and may miss a record of a moment ago: the repeated request gets the
//! first answer all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::ids::MessageId;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};

use crate::PROGRAM;

/// Makes eventually consistent reads of messages miss everything, and counts the others of `send`.
#[derive(Default)]
struct StaleReads {
    is_stale: AtomicBool,
    consistent: AtomicUsize,
}

impl StaleReads {
    fn consistent(&self) -> usize {
        self.consistent.swap(0, Ordering::Relaxed)
    }
}

/// Whether a call reads one message, and if so consistently.
fn reads_a_message(asked: &Value) -> Option<bool> {
    let is_of_messages = asked["TableName"].as_str().is_some_and(|table| table.contains("Messages"));
    asked["ConsistentRead"].as_bool().filter(|_| is_of_messages && asked["Key"]["id"].is_object())
}

impl Listener for StaleReads {
    fn ask(&self, body: Bytes) -> Bytes {
        let Ok(mut asked) = serde_json::from_slice::<Value>(&body) else { return body };
        if reads_a_message(&asked) != Some(false) || !self.is_stale.load(Ordering::Relaxed) {
            return body;
        }
        asked["Key"]["id"]["S"] = json!(MessageId::generate());
        asked.to_string().into()
    }

    fn answered(&self, call: &Call<'_>) {
        let asked = serde_json::from_slice(call.body).unwrap_or_default();
        if call.caller == "send" && reads_a_message(&asked) == Some(true) {
            self.consistent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn start() -> (ProxiedStack, Arc<StaleReads>) {
    let (proxied, reads) = (ProxiedStack::start(PROGRAM).await, Arc::new(StaleReads::default()));
    proxied.dynamodb.listen(reads.clone());
    (proxied, reads)
}

#[tokio::test]
async fn a_repeat_that_the_look_up_misses_sends_and_charges_nothing_twice() {
    let (proxied, reads) = start().await;
    let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
    let (status, first) = proxied.post(Some("order-12")).await.expect("an answer");
    assert_eq!((status, reads.consistent()), (202, 0), "a new request reads no message consistently");
    proxied.wait_until_read(&first).await;
    reads.is_stale.store(true, Ordering::Relaxed);
    assert_eq!(proxied.post(Some("order-12")).await, Some((202, first)));
    assert_eq!(proxied.stack.whatsapp().ledger().asked(), 1);
    assert_eq!(proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits, before - 1);
}

#[tokio::test]
async fn a_repeat_that_the_look_up_misses_is_not_refused_for_what_changed_since() {
    let (proxied, reads) = start().await;
    let stack = &proxied.stack;
    let (_, first) = proxied.post(Some("order-12")).await.expect("an answer");
    proxied.wait_until_read(&first).await;
    let (status, _) = stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    assert_eq!(status, 200);
    stack.pass(Duration::from_secs(61)); // no process has the instance of before
    reads.is_stale.store(true, Ordering::Relaxed);
    assert_eq!(proxied.post(Some("order-12")).await, Some((202, first)));
    let (status, refused) = proxied.post(Some("order-13")).await.expect("an answer");
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("instance_disconnected")));
}

#[tokio::test]
async fn a_repeat_that_the_look_up_misses_is_not_refused_for_the_credit_that_the_first_one_took() {
    let (mut proxied, reads) = start().await;
    let account = proxied.stack.open_account(Plan::Free, 1).await;
    proxied.stack.customer.api_key = proxied.stack.key(&account, Scope::ALL, None).await.into();
    let (_, created) = proxied.stack.call("POST /v1/instances", json!({ "name": "Shop" })).await;
    let instance = created["data"]["id"].as_str().expect("an id").to_owned();
    let connect =
        json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-good" });
    let (status, answer) = proxied.stack.call(&format!("POST /v1/instances/{instance}/connect"), connect).await;
    assert_eq!(status, 200, "{answer}");
    let post = async |key: &str| {
        let request = proxied.stack.http.post(format!("{}/v1/messages/send", proxied.stack.stack.addresses.api));
        let request =
            request.bearer_auth(proxied.stack.customer.api_key.expose_secret()).header("Idempotency-Key", key);
        let body = json!({ "instanceId": instance, "to": "5511999999999", "message": "hello" });
        let response = request.body(body.to_string()).send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, serde_json::from_str::<Value>(&response.text().await.expect("a body")).expect("JSON"))
    };
    let (status, first) = post("order-12").await;
    assert_eq!(status, 202, "{first}");
    proxied.wait_until_read(&first).await;
    reads.is_stale.store(true, Ordering::Relaxed);
    assert_eq!(post("order-12").await, (202, first));
    assert_eq!(post("order-13").await.0, 402);
}
