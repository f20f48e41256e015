//! What contacts cost in request units of DynamoDB: nothing is written for a known person to whom is sent, and one unit for a
//! message of one, and two more when it is the first one in ten minutes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::mutex::lock;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::contacts::{from, wait_until_joined};
use crate::people::{receive, text};

/// The units of reads and of writes, of the table of contacts and of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Units {
    contacts: [f64; 2],
    all: [f64; 2],
}

#[derive(Default)]
struct Meter(Mutex<BTreeMap<String, Units>>);

impl Meter {
    fn add(&self, operation: &str, consumed: &Value) {
        let table = consumed["TableName"].as_str().unwrap_or_default();
        let units = consumed["CapacityUnits"].as_f64().unwrap_or_default();
        let is_write = usize::from(!["GetItem", "BatchGetItem", "Query"].contains(&operation));
        let of = &mut *lock(&self.0);
        let sum = of.entry(String::new()).or_default();
        sum.all[is_write] += units;
        sum.contacts[is_write] += if table.contains("Contacts") { units } else { 0.0 };
    }

    /// The units since it was last asked.
    fn take(&self) -> Units {
        lock(&self.0).remove("").unwrap_or_default()
    }
}

impl Listener for Meter {
    fn ask(&self, body: Bytes) -> Bytes {
        let Ok(mut asked) = serde_json::from_slice::<Value>(&body) else { return body };
        asked["ReturnConsumedCapacity"] = json!("TOTAL");
        asked.to_string().into()
    }

    fn answered(&self, call: &Call<'_>) {
        let answer: Value = serde_json::from_slice(call.answer).unwrap_or_default();
        match &answer["ConsumedCapacity"] {
            _ if !["send", "deliver", "receive"].contains(&call.caller) => {}
            Value::Array(tables) => tables.iter().for_each(|table| self.add(call.operation, table)),
            table => self.add(call.operation, table),
        }
    }
}

/// Sends a text, and waits until all of its callbacks are stored.
async fn send(stack: &TestStack, to: &str) {
    let id = stack.send_text(to, "Your order has left the house.").await;
    stack.wait_for_status(&id, "read").await;
    for function in ["deliver", "receive", "notify"] {
        stack.wait_until_idle(function).await;
    }
}

#[tokio::test]
async fn a_known_contact_costs_half_a_read_unit_and_a_write_unit_only_when_the_person_writes() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let (stack, meter) = (&proxied.stack, Arc::new(Meter::default()));
    proxied.dynamodb.listen(meter.clone());
    let mut figures = Vec::new();
    let mut measure = |what: &'static str| {
        let units = meter.take();
        eprintln!("{what}: {units:?}");
        figures.push((what, units));
        units
    };
    let a_while = Duration::from_secs(61); // caches of processes are empty, for each figure alike
    send(stack, "5511911110060").await;
    stack.pass(a_while);
    meter.take();

    send(stack, "5511911110061").await;
    let new = measure("outbound, new contact");
    stack.pass(a_while);
    send(stack, "5511911110061").await;
    let known = measure("outbound, known contact");
    assert_eq!((new.contacts[1], known.contacts[1]), (4.0, 0.0));
    assert!(known.contacts[0] <= 0.5, "{known:?}");

    stack.pass(a_while);
    send(stack, "5531987650001").await;
    wait_until_joined(stack, "5531987650001", 3).await;
    let other = measure("outbound, new contact with another wa_id");
    stack.pass(a_while);
    send(stack, "5531987650001").await;
    let known = measure("outbound, known contact with another wa_id");
    assert_eq!(known.contacts[1], 0.0);
    assert!(other.contacts[1] <= 8.0 && known.contacts[0] <= 1.0, "{other:?} {known:?}");

    let inbound = async |mut message: Value| {
        message["timestamp"] = json!(stack.now().secs());
        receive(stack, &Value::Null, &[message]).await;
        stack.wait_until_idle("notify").await;
    };
    stack.pass(a_while);
    inbound(from("wamid.1", "5511911110062", "BR.62")).await;
    let new = measure("inbound, new contact");
    stack.pass(a_while);
    inbound(from("wamid.2", "5511911110062", "BR.62")).await;
    let known = measure("inbound, known contact");
    stack.pass(10 * a_while);
    inbound(from("wamid.3", "5511911110062", "BR.62")).await;
    let after_a_while = measure("inbound, known contact after ten minutes");
    stack.pass(a_while);
    inbound(text("wamid.4", &json!({ "from": "5511911110063" }))).await;
    let alone = measure("inbound, new person with one alias");
    inbound(from("wamid.5", "5511911110062", "BR.62")).await;
    meter.take();
    inbound(from("wamid.6", "5511911110062", "BR.62")).await;
    let just_seen = measure("inbound, contact just seen");
    assert_eq!((new.contacts[1], alone.contacts[1]), (5.0, 3.0));
    assert_eq!((known.contacts, after_a_while.contacts, just_seen.contacts), ([0.5, 1.0], [0.5, 3.0], [0.0, 1.0]));
}
