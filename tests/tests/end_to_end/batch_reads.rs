//! Reads of the rows of batches: eventually consistent ones may miss what was recorded a moment ago, and a customer may ask for them
//! any number of times.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::event;
use crate::batches::{A_MINUTE, let_settle_run, progress, send, texts};

/// Makes eventually consistent reads of many messages miss them all.
struct StaleReads;

impl Listener for StaleReads {
    fn ask(&self, body: Bytes) -> Bytes {
        let Ok(mut asked) = serde_json::from_slice::<Value>(&body) else { return body };
        let tables = asked["RequestItems"].as_object_mut().into_iter().flatten();
        for (_, read) in tables.filter(|(table, read)| table.contains("Messages") && read["ConsistentRead"] == false) {
            for key in read["Keys"].as_array_mut().into_iter().flatten().filter(|key| key["id"].is_object()) {
                key["id"]["S"] = json!(MessageId::generate());
            }
        }
        asked.to_string().into()
    }

    fn answered(&self, _: &Call<'_>) {}
}

#[tokio::test]
async fn rows_that_a_read_misses_are_sent_and_counted() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &["batch.completed"]).await;
    proxied.dynamodb.listen(Arc::new(StaleReads));
    send(stack, texts("551190000", 5)).await;
    stack.wait_for_asked(5).await;
    stack.wait_until_idle("deliver").await;
    let_settle_run(stack, A_MINUTE).await;
    let counts = event(&webhook, "batch.completed").await["counts"].clone();
    let of = |status: &str| counts[status].as_u64().expect("a number");
    assert_eq!(of("sent") + of("delivered") + of("read"), 5, "{counts}");
}

/// Counts the reads of many messages that `manage` makes.
#[derive(Default)]
struct PagesOfManage(AtomicUsize);

impl Listener for PagesOfManage {
    fn answered(&self, call: &Call<'_>) {
        if (call.caller, call.operation) == ("manage", "BatchGetItem") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn a_large_batch_is_counted_every_three_seconds_and_when_it_has_ended() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let (stack, pages) = (&proxied.stack, Arc::new(PagesOfManage::default()));
    proxied.dynamodb.listen(pages.clone());
    let read = || pages.0.swap(0, Ordering::Relaxed);
    stack.pause_instance(stack.now().plus(Duration::from_secs(7200))).await; // nothing leaves
    let small = send(stack, texts("551180000", 10)).await;
    let large = send(stack, texts("551190000", 150)).await;
    read();
    progress(stack, &small).await;
    progress(stack, &small).await;
    assert_eq!(read(), 2, "a page of a small one, each time");
    for _ in 0..5 {
        assert_eq!(progress(stack, &large).await["counts"]["queued"], 150);
    }
    assert_eq!(read(), 2, "two pages of the large one, once");
    stack.pass(Duration::from_secs(4));
    progress(stack, &large).await;
    assert_eq!(read(), 2, "and after three seconds");
    let path = format!("DELETE /v1/batches/{}", large["batchId"].as_str().expect("an id"));
    assert_eq!(stack.call(&path, Value::Null).await.0, 200);
    assert!(read() > 2, "the messages to cancel, and the count of what has ended");
}
