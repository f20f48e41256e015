//! The log of API requests: the id of each answer leads to its lines, and strangers cannot fill it.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

/// Refusals that are logged, a minute and process.
const LOGGED: usize = 60;

/// The log lines of a request.
async fn lines_of(stack: &TestStack, id: &str) -> Vec<Value> {
    let lines = || async {
        let lines: Vec<Value> = stack.log_lines().into_iter().filter(|line| line["request"] == *id).collect();
        (!lines.is_empty()).then_some(lines)
    };
    eventually(&format!("a line of {id}"), lines).await
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["event"].as_str()).collect()
}

#[tokio::test]
async fn the_id_of_every_answer_leads_to_its_lines_in_the_log() {
    let stack = TestStack::start(PROGRAM).await;
    let text = json!({ "instanceId": stack.customer.instance_id, "to": "5511999999999", "message": "hello" });
    let url = format!("{}/v1/messages/send", stack.stack.addresses.api);
    let key = stack.customer.api_key.expose_secret();
    let sent =
        reqwest::Client::new().post(url).bearer_auth(key).body(text.to_string()).send().await.expect("an answer");
    assert_eq!(sent.status(), 202);
    let queued = lines_of(&stack, sent.headers()["x-request-id"].to_str().expect("an id")).await;
    assert_eq!(events(&queued), ["message.queued"]);
    assert!(queued[0]["requestId"].is_string(), "Lambda's id stands beside it: {}", queued[0]);

    let (status, refused) = stack.call("POST /v1/messages/send", json!({ "to": "x" })).await;
    let lines = lines_of(&stack, refused["error"]["requestId"].as_str().expect("an id")).await;
    assert_eq!(events(&lines), ["request.refused"]);
    assert_eq!((&lines[0]["status"], &lines[0]["code"]), (&json!(status), &refused["error"]["code"]));
    let (_, unknown) = stack.call("GET /v1/messages/msg_nobodys", Value::Null).await;
    let of_unknown = lines_of(&stack, unknown["error"]["requestId"].as_str().expect("an id")).await;
    for line in [&lines[0], &of_unknown[0]] {
        assert_eq!(line["account_id"], stack.customer.account_id.as_str(), "{line}");
    }

    let url = format!("{}/v1/instances", stack.stack.addresses.api);
    let listed = reqwest::Client::new().get(url).bearer_auth(key).send().await.expect("an answer");
    let lines = lines_of(&stack, listed.headers()["x-request-id"].to_str().expect("an id")).await;
    assert_eq!((events(&lines), &lines[0]["status"]), (vec!["request.answered"], &json!(200)));

    for key in ["wrong", ""] {
        let (_, refused) = stack.call_as(key, "GET /v1/instances", Value::Null).await;
        let lines = lines_of(&stack, refused["error"]["requestId"].as_str().expect("an id")).await;
        assert_eq!((events(&lines), &lines[0]["service"]), (vec!["request.refused"], &json!("manage")));
    }
}

#[tokio::test]
async fn a_flood_of_refusals_fills_no_log() {
    let stack = TestStack::start(PROGRAM).await;
    let refused = |lines: &[Value]| events(lines).into_iter().filter(|event| *event == "request.refused").count();
    for _ in 0..3 * LOGGED {
        assert_eq!(stack.call_as("wrong", "GET /v1/instances", Value::Null).await.0, 401);
    }
    assert_eq!(stack.stack.functions["manage"].pids().borrow().len(), 1, "one process did all of it");
    // A minute may have begun in between.
    assert!(refused(&stack.log_lines()) <= 2 * LOGGED && refused(&stack.log_lines()) >= LOGGED);
    stack.pass(Duration::from_secs(60));
    let (_, next) = stack.call_as("wrong", "GET /v1/instances", Value::Null).await;
    lines_of(&stack, next["error"]["requestId"].as_str().expect("an id")).await;
    let lines = stack.log_lines();
    let unlogged: u64 = lines.iter().filter_map(|line| line["unlogged"].as_u64()).sum();
    assert_eq!(refused(&lines) as u64 + unlogged, 3 * LOGGED as u64 + 1, "each is a line or counted");
}
