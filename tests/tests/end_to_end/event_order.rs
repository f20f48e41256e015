//! Promise 7: events may arrive in any order, since a stream is read in several parts at the same time, and `sequence` puts
//! them into the order of the history.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::fault::Fault;
use tests::proxy::Proxy;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::people::{history, receive, text};

const SENDER: &str = "5511911110071";
/// So many that some are not in the same part of the stream as the first one.
const LATER: usize = 12;

fn field(data: &Value, name: &str) -> String {
    data[name].as_str().unwrap_or_else(|| panic!("`{name}` in {data}")).to_owned()
}

#[tokio::test]
async fn events_that_arrive_in_another_order_are_sorted_by_their_sequence() {
    let stack = TestStack::start(PROGRAM).await;
    let (proxy, endpoint) = (Proxy::start().await, WebhookReceiver::start().await);
    proxy.set_upstream(endpoint.url.trim_end_matches("/webhook"));
    proxy.set_functions(&stack.stack.functions);
    let body = json!({ "url": format!("{}/webhook", proxy.url), "instanceId": stack.customer.instance_id,
        "events": ["message.received"] });
    assert_eq!(stack.call("POST /v1/webhooks", body).await.0, 201);
    // The process that publishes the first event is frozen before its call: those of other parts of the stream go on.
    let mut freeze = Some(Fault::FreezeBefore);
    proxy.set_faults(move |call, _| freeze.take_if(|_| call.caller == "notify").unwrap_or(Fault::None));
    let at = stack.now().secs() - 60;
    let message = |number: usize| {
        let mut message = text(&format!("wamid.{number:02}"), &json!({ "from": SENDER }));
        message["timestamp"] = json!((at + i64::from(number > 0)).to_string());
        message
    };
    receive(&stack, &Value::Null, &[message(0)]).await;
    proxy.wait_until_frozen().await;
    let later: Vec<Value> = (1..=LATER).map(message).collect();
    receive(&stack, &Value::Null, &later).await;
    endpoint.wait_for_calls(1).await;
    proxy.resume();
    let all = || async {
        let (mut calls, mut seen) = (endpoint.calls(), BTreeSet::new());
        calls.retain(|call| seen.insert(call.header("webhook-id").to_owned()));
        (calls.len() > LATER).then_some(calls)
    };
    let calls = eventually("an event of each message", all).await;
    let arrived: Vec<(String, String)> = calls
        .iter()
        .map(|call| (field(&call.json["data"], "sequence"), field(&call.json["data"], "content")))
        .collect();
    assert_ne!(arrived[0].1, "wamid.00", "the first one arrived late");
    let mut sorted = arrived.clone();
    sorted.sort();
    let mut rows = history(&stack, &format!("&phone={SENDER}")).await;
    rows.reverse();
    let of_history: Vec<(String, String)> =
        rows.iter().map(|row| (field(row, "sequence"), field(row, "content"))).collect();
    assert_eq!(sorted, of_history);
    let names: Vec<String> = (0..=LATER).map(|number| format!("wamid.{number:02}")).collect();
    assert_eq!(of_history.into_iter().map(|(_, content)| content).collect::<Vec<_>>(), names, "the callbacks' order");
}
