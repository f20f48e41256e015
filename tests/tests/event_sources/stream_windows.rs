//! Batching windows of a stream's mapping, by the stack's clock, and a second reader of a stream.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tests::scripted_function::ScriptedFunction;
use tests::wait::eventually;

use crate::RELAY;
use crate::streams::{put, template, values, wait_for_value};

/// Longer than a test takes: only the clock ends it.
const WINDOW: Duration = Duration::from_secs(300);

/// A second mapping of the stream, which gathers the things whose value begins with `slow`; `Changes` gets those with `quick`.
fn two_readers() -> String {
    let quick = r#"FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"value":{"S":[{"prefix":"quick"}]}}}}' }] }"#;
    template(quick)
        + r#"  relayAliasgathers:
    Type: AWS::Lambda::Alias
    Properties: { Name: gathers, FunctionName: !Ref relay, FunctionVersion: !GetAtt relay.Version.Version }
  relayGathers:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref relayAliasgathers
      EventSourceArn: !GetAtt Things.StreamArn
      StartingPosition: TRIM_HORIZON
      MaximumBatchingWindowInSeconds: 300
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"value":{"S":[{"prefix":"slow"}]}}}}' }] }
"#
}

async fn start(template: &str, data: &Path) -> ScriptedFunction {
    let folder = tempfile::tempdir().expect("a folder");
    ScriptedFunction::start_in(RELAY, template, folder, Some(data)).await
}

/// Waits until a reader has read records that are not processed.
async fn wait_until_pending(function: &ScriptedFunction, reader: &str) {
    let is_pending = || async {
        let progress = function.stack.checkpoints.progress();
        progress.get(reader).filter(|progress| progress.has_pending_records).map(drop)
    };
    eventually(&format!("{reader} to have records that wait"), is_pending).await;
}

fn last_sequence(function: &ScriptedFunction) -> String {
    let event = function.events().pop().expect("an event");
    let record = event["Records"].as_array().and_then(|records| records.last()).expect("a record");
    record["dynamodb"]["SequenceNumber"].as_str().expect("a number").to_owned()
}

fn seen(function: &ScriptedFunction) -> Vec<Vec<String>> {
    function.events().iter().map(values).collect()
}

#[tokio::test]
async fn records_wait_for_their_window_and_come_together() {
    let function = ScriptedFunction::start(RELAY, &template("MaximumBatchingWindowInSeconds: 300")).await;
    for value in ["1", "2", "3"] {
        put(&function, value, value).await;
    }
    wait_until_pending(&function, "relayChanges").await;
    assert_eq!(function.events(), [Value::Null; 0], "the window is open");
    assert_eq!(function.stack.checkpoints.get("relayChanges"), None, "nothing is processed");
    function.stack.clock.advance(WINDOW).expect("the clock");
    wait_for_value(&function, "3").await;
    assert_eq!(seen(&function), [["1", "2", "3"]]);
}

#[tokio::test]
async fn a_second_reader_gathers_while_the_first_passes_on() {
    let function = ScriptedFunction::start(RELAY, &two_readers()).await;
    for (id, value) in [("a", "slow 1"), ("a", "quick 1"), ("b", "slow 2"), ("b", "quick 2")] {
        put(&function, id, value).await;
    }
    let came = wait_for_value(&function, "quick 2").await;
    assert_eq!(came, ["quick 1", "quick 2"]);
    wait_until_pending(&function, "relayGathers").await;
    function.stack.clock.advance(WINDOW).expect("the clock");
    wait_for_value(&function, "slow 2").await;
    assert_eq!(seen(&function).last().expect("an event"), &["slow 1", "slow 2"]);
}

#[tokio::test]
async fn what_waited_in_a_window_comes_after_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let first = start(&two_readers(), data.path()).await;
    for value in ["slow 1", "quick 1"] {
        put(&first, value, value).await;
    }
    wait_for_value(&first, "quick 1").await;
    let passed = || async { first.stack.checkpoints.get("relayChanges") };
    eventually("the checkpoint of the other reader", passed).await;
    wait_until_pending(&first, "relayGathers").await;
    drop(first);
    let second = start(&two_readers(), data.path()).await;
    wait_until_pending(&second, "relayGathers").await;
    second.stack.clock.advance(WINDOW).expect("the clock");
    assert_eq!(wait_for_value(&second, "slow 1").await, ["slow 1"]);
}

#[tokio::test]
async fn two_readers_continue_where_the_one_of_an_earlier_version_was() {
    let data = tempfile::tempdir().expect("a folder");
    let first = start(&template("BatchSize: 100"), data.path()).await;
    for value in ["slow 1", "quick 1"] {
        put(&first, value, value).await;
    }
    wait_for_value(&first, "quick 1").await;
    let last = last_sequence(&first);
    let saved = || async { first.stack.checkpoints.get("relayChanges").filter(|reached| *reached == last) };
    let reached = eventually("the checkpoint", saved).await;
    put(&first, "slow 2", "slow 2").await;
    wait_for_value(&first, "slow 2").await;
    drop(first);
    // What the earlier version left: one checkpoint by the names of the function and the table.
    let left = json!({ "relay/Things": reached }).to_string();
    std::fs::write(data.path().join("checkpoints.json"), left).expect("the file");

    let second = start(&two_readers(), data.path()).await;
    put(&second, "quick 2", "quick 2").await;
    assert_eq!(wait_for_value(&second, "quick 2").await, ["quick 2"], "what came before was processed");
    wait_until_pending(&second, "relayGathers").await;
    second.stack.clock.advance(WINDOW).expect("the clock");
    assert_eq!(wait_for_value(&second, "slow 2").await, ["quick 2", "slow 2"]);
}
