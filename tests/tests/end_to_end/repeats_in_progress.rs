//! Repeats of a request that come between its charge and its record: nobody may tell them that nothing was accepted.

use serde_json::{Value, json};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ledger::ledger_item::CREDITS;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;

use crate::batch_crashes::post_body;
use crate::batches::texts;
use crate::send_interleavings;

const KEY: Option<&str> = Some("order-12");
const OTHER: Option<&str> = Some("order-13");

/// A stack whose account has just so many credits, and whose API key's use is noted.
async fn start(credits: i64) -> ProxiedStack {
    let proxied = send_interleavings::start().await;
    assert_eq!(proxied.stack.call("POST /v1/messages/send", json!({})).await.0, 400);
    let ledger = ItemKey::ledger(&proxied.stack.customer.account_id);
    let just_enough = UpdateBuilder::new().set(CREDITS, credits);
    proxied.stack.accounts.update(ledger, &just_enough).await.expect("the table takes it");
    proxied
}

fn code(answer: Option<(u16, Value)>) -> (u16, String) {
    let (status, body) = answer.expect("an answer");
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// The first repeat is refused by the ledger, the second from what its process remembers of it.
async fn repeat_twice(post: impl AsyncFn(Option<&str>) -> Option<(u16, Value)>) {
    for _ in 0..2 {
        assert_eq!(code(post(KEY).await), (409, "idempotency_in_progress".to_owned()));
    }
    assert_eq!(code(post(OTHER).await), (402, "insufficient_credits".to_owned()));
}

#[tokio::test]
async fn a_repeat_of_a_message_waits_for_the_request_that_took_the_last_credit() {
    let proxied = start(1).await;
    proxied.dynamodb.inject([FaultAt("send", "PutItem", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        repeat_twice(async |key| proxied.post(key).await).await;
        proxied.dynamodb.resume();
    };
    let (first, ()) = tokio::join!(proxied.post(KEY), meanwhile);
    assert_eq!(first.as_ref().expect("an answer").0, 202, "{first:?}");
    proxied.wait_until_read(&first.as_ref().expect("an answer").1).await;
    assert_eq!(proxied.post(KEY).await, first);
    assert_eq!(proxied.at_rest().await, (1, 0, 0));
}

#[tokio::test]
async fn a_repeat_of_a_batch_waits_for_the_request_that_took_the_last_credits() {
    let (proxied, body) = (start(3).await, texts("551190000", 3));
    let post = async |key: Option<&str>| post_body(&proxied, key, &body).await;
    proxied.dynamodb.inject([FaultAt("send", "UpdateItem", 2, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        repeat_twice(post).await;
        proxied.dynamodb.resume();
    };
    let (first, ()) = tokio::join!(post(KEY), meanwhile);
    assert_eq!(first.expect("an answer").0, 202);
    assert_eq!(post(KEY).await.expect("an answer").0, 202);
    assert_eq!(proxied.at_rest().await, (3, 0, 0));
}
