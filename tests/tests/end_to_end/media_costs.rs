//! What files cost: the calls of an upload, of a message that names it, and of a file that is fetched (docs/media.md, Cost).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};
use shared::mutex::lock;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};
use tests::uploads::PNG;

use crate::PROGRAM;
use crate::media_uploads::message;
use crate::received_files::{receive, url};

/// Read and write units of DynamoDB, and requests to S3 and SQS, by the caller and the word for each.
type Used = BTreeMap<String, f64>;

#[derive(Default)]
struct Meter(Mutex<Used>);

impl Meter {
    fn add(&self, caller: &str, what: &str, units: f64) {
        *lock(&self.0).entry(format!("{caller} {what}")).or_default() += units;
    }

    /// What was used since it was last asked.
    fn take(&self) -> Used {
        std::mem::take(&mut lock(&self.0))
    }
}

impl Listener for Meter {
    fn ask(&self, body: Bytes) -> Bytes {
        let Ok(mut asked) = serde_json::from_slice::<Value>(&body) else { return body };
        if asked.get("QueueUrl").is_none() {
            asked["ReturnConsumedCapacity"] = json!("TOTAL");
        }
        asked.to_string().into()
    }

    fn answered(&self, call: &Call<'_>) {
        let answer: Value = serde_json::from_slice(call.answer).unwrap_or_default();
        let units = |table: &Value| table["CapacityUnits"].as_f64().unwrap_or_default();
        let units = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().map(units).sum(),
            table => units(table),
        };
        match call.operation {
            _ if !["manage", "media", "send", "deliver", "customer"].contains(&call.caller) => {}
            "GetItem" | "Query" | "BatchGetItem" => self.add(call.caller, "reads", units),
            "SendMessage" => self.add(call.caller, "SendMessage", 1.0),
            "PutObject" | "GetObject" => self.add(call.caller, call.operation, 1.0),
            _ if units > 0.0 => self.add(call.caller, "writes", units),
            _ => {}
        }
    }
}

#[tokio::test]
async fn files_cost_what_the_page_says() {
    let (proxied, meter) = (ProxiedStack::start(PROGRAM).await, Arc::new(Meter::default()));
    for proxy in [&proxied.dynamodb, &proxied.sqs, &proxied.s3] {
        proxy.listen(meter.clone());
    }
    let stack = &proxied.stack;
    stack.upload_png().await; // keys, instances and limits are read once for many requests
    let id = receive(stack, "image", json!({ "mime_type": "image/png" })).await;
    stack.wait_until_idle("media").await;
    drop(meter.take());

    let media = stack.create_media(PNG.len()).await;
    let created = meter.take();
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    let event = || async { stack.accounts.event(media["id"].as_str().expect("an id")).await.ok().flatten() };
    tests::wait::eventually("its event", event).await;
    stack.wait_until_idle("media").await;
    let uploaded = meter.take();
    let mut sent = Vec::new();
    for body in [
        json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "the first of its process" }),
        json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hello" }),
        message(&media["id"], "image"),
    ] {
        let id = stack.send(body).await;
        stack.wait_for_status(&id, "read").await;
        stack.wait_until_idle("deliver").await;
        sent.push(meter.take());
    }
    let [_, text, image] = &sent[..] else { panic!("three") };
    url(stack, &id).await;
    stack.wait_until_idle("media").await;
    let fetched = meter.take();
    eprintln!("created {created:?}\nuploaded {uploaded:?}\ntext {text:?}\nimage {image:?}\nfetched {fetched:?}");
    let of = |used: &Used, what: &str| used.get(what).copied().unwrap_or_default();
    assert_eq!(of(image, "send reads"), of(text, "send reads") + 0.5, "half a unit more than a text");
    for what in ["send writes", "deliver reads", "deliver writes"] {
        assert_eq!(of(image, what), of(text, what), "{what}: no more than a text");
    }
    assert_eq!([of(&created, "manage writes"), of(&created, "manage SendMessage")], [3.0, 1.0]);
    assert_eq!([of(&uploaded, "customer PutObject"), of(&uploaded, "media GetObject")], [1.0, 1.0]);
    assert_eq!([of(&fetched, "media PutObject"), of(&fetched, "manage SendMessage")], [1.0, 1.0]);
}
