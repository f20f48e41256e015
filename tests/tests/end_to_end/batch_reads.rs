//! `settle` reads the rows of batches eventually consistent, and such a read may miss what was recorded a moment ago.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::event;
use crate::batches::{A_MINUTE, let_settle_run, send, texts};

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
