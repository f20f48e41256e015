//! A table's stream as an event source.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::scripted_function::{Reaction, ScriptedFunction};
use tests::wait::eventually;

use crate::RELAY;

pub fn template(source: &str) -> String {
    format!(
        "Resources:
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{ AttributeName: id, AttributeType: S }}]
      KeySchema: [{{ AttributeName: id, KeyType: HASH }}]
      StreamSpecification: {{ StreamViewType: NEW_AND_OLD_IMAGES }}
  GivenUp:
    Type: AWS::SQS::Queue
  relay:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 600
      Environment: {{ Variables: {{ RELAY_URL: '{{relay}}' }} }}
      Events:
        Changes:
          Type: DynamoDB
          Properties: {{ Stream: !GetAtt Things.StreamArn, StartingPosition: TRIM_HORIZON, {source} }}
"
    )
}

pub async fn put(function: &ScriptedFunction, id: &str, value: &str) {
    let request = function.stack.clients.dynamodb.put_item().table_name("Things");
    let text = |text: &str| AttributeValue::S(text.to_owned());
    request.item("id", text(id)).item("value", text(value)).send().await.expect("the table takes it");
}

pub fn values(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().expect("records").iter();
    records.map(|record| record["dynamodb"]["NewImage"]["value"]["S"].as_str().unwrap_or_default().to_owned()).collect()
}

fn sequence(record: &Value) -> Value {
    record["dynamodb"]["SequenceNumber"].clone()
}

/// Reports the first record with this value as failed.
fn failure_at(event: &Value, value: &str) -> Reaction {
    let records = event["Records"].as_array().expect("records");
    let bad = records.iter().find(|record| record["dynamodb"]["NewImage"]["value"]["S"] == value);
    let failures: Vec<Value> = bad.iter().map(|record| json!({ "itemIdentifier": sequence(record) })).collect();
    Reaction::Answer(json!({ "batchItemFailures": failures }))
}

pub async fn wait_for_value(function: &ScriptedFunction, value: &str) -> Vec<String> {
    let ask = || async {
        let seen: Vec<String> = function.events().iter().flat_map(values).collect();
        seen.iter().any(|seen| seen == value).then_some(seen)
    };
    eventually(&format!("the value {value}"), ask).await
}

/// Moves the clock until the condition holds, so that the lane's retries take place.
async fn wait_while_time_passes<T>(function: &ScriptedFunction, what: &str, ask: impl Fn() -> Option<T>) -> T {
    eventually(what, || async {
        function.stack.clock.advance(Duration::from_secs(1)).expect("the clock");
        ask()
    })
    .await
}

#[tokio::test]
async fn stream_records_of_one_item_arrive_in_order_with_both_images() {
    let function = ScriptedFunction::start(RELAY, &template("BatchSize: 100, ParallelizationFactor: 10")).await;
    for value in 0..20 {
        put(&function, "a", &value.to_string()).await;
    }
    let seen = wait_for_value(&function, "19").await;
    assert_eq!(seen, (0..20).map(|value: i32| value.to_string()).collect::<Vec<_>>());
    let records: Vec<Value> =
        function.events().iter().flat_map(|event| event["Records"].as_array().expect("records").clone()).collect();
    assert_eq!((&records[0]["eventName"], &records[1]["eventName"]), (&json!("INSERT"), &json!("MODIFY")));
    assert_eq!(records[1]["dynamodb"]["OldImage"]["value"]["S"], "0");
    assert_eq!(records[1]["dynamodb"]["Keys"], json!({ "id": { "S": "a" } }));
    assert_eq!(records[1]["eventSource"], "aws:dynamodb");
}

#[tokio::test]
async fn a_put_that_changes_nothing_is_not_in_the_stream() {
    let function = ScriptedFunction::start(RELAY, &template("BatchSize: 100")).await;
    for value in ["1", "1", "1", "2"] {
        put(&function, "a", value).await;
    }
    assert_eq!(wait_for_value(&function, "2").await, ["1", "2"]);
}

#[tokio::test]
async fn the_stream_continues_from_the_first_failed_record() {
    let source = "BatchSize: 100, FunctionResponseTypes: [ReportBatchItemFailures]";
    let function = ScriptedFunction::start(RELAY, &template(source)).await;
    function.always(|event| failure_at(event, "2"));
    for value in ["1", "2", "3"] {
        put(&function, "a", value).await;
    }
    wait_for_value(&function, "2").await;
    function.always(|_| Reaction::Answer(Value::Null));
    let seen = wait_while_time_passes(&function, "the record after the failed one", || {
        let seen: Vec<String> = function.events().iter().flat_map(values).collect();
        seen.ends_with(&["3".to_owned()]).then_some(seen)
    })
    .await;
    assert_eq!(seen.iter().filter(|value| *value == "1").count(), 1, "{seen:?}");
    assert!(seen.iter().filter(|value| *value == "2").count() >= 2, "{seen:?}");
}

/// The on-failure message.
async fn given_up(function: &ScriptedFunction) -> Value {
    let url = format!("{}/000000000000/GivenUp", function.stack.addresses.sqs);
    let published = eventually("the on-failure message", || async {
        let received = function.stack.clients.sqs.receive_message().queue_url(&url).send().await.expect("the queue");
        received.messages.and_then(|messages| messages.into_iter().next())
    })
    .await;
    serde_json::from_str(published.body().expect("a body")).expect("JSON")
}

#[tokio::test]
async fn a_record_that_always_fails_is_bisected_out_and_reported() {
    let source = "BatchSize: 100, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 2, \
                  DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt GivenUp.Arn } }";
    let function = ScriptedFunction::start(RELAY, &template(source)).await;
    function.always(|event| {
        if values(event).iter().any(|value| value == "poison") { Reaction::Fail } else { Reaction::Answer(Value::Null) }
    });
    for value in ["1", "2", "poison", "3", "4"] {
        put(&function, "a", value).await;
    }
    wait_while_time_passes(&function, "the last record", || {
        let alone = function.events().into_iter().find(|event| {
            let values = values(event);
            values.iter().any(|value| value == "4") && !values.iter().any(|value| value == "poison")
        });
        alone.map(drop)
    })
    .await;
    let published = given_up(&function).await;
    assert_eq!(published["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(published["requestContext"]["condition"], "RetryAttemptsExhausted");
}

#[tokio::test]
async fn a_record_that_always_fails_is_given_up_at_its_age_and_not_before() {
    let source = "MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: 79200, \
                  DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt GivenUp.Arn } }";
    let function = ScriptedFunction::start(RELAY, &template(source)).await;
    function.always(|_| Reaction::Fail);
    put(&function, "a", "poison").await;
    wait_while_time_passes(&function, "some attempts", || (function.events().len() > 3).then_some(())).await;
    function.stack.clock.advance(Duration::from_secs(79_200)).expect("the clock");
    let published = given_up(&function).await;
    assert_eq!(published["requestContext"]["condition"], "RecordAgeExceeded");
    assert!(published["requestContext"]["approximateInvokeCount"].as_u64() > Some(3), "{published}");
}

#[tokio::test]
async fn a_failing_record_does_not_block_other_items_of_its_shard() {
    let function = ScriptedFunction::start(RELAY, &template("BatchSize: 1, ParallelizationFactor: 10")).await;
    function.always(|event| if values(event) == ["stuck"] { Reaction::Fail } else { Reaction::Answer(Value::Null) });
    put(&function, "a", "stuck").await;
    wait_for_value(&function, "stuck").await;
    // Ten lanes: of thirty items most are in another lane than the one that is stuck.
    for number in 0..30 {
        put(&function, &format!("item {number}"), &format!("{number}")).await;
    }
    let others = || async {
        let seen: Vec<String> = function.events().iter().flat_map(values).filter(|value| value != "stuck").collect();
        (seen.len() >= 15).then_some(())
    };
    eventually("the other items", others).await;
}

#[tokio::test]
async fn a_restarted_stack_continues_from_its_checkpoint() {
    let data = tempfile::tempdir().expect("a folder");
    let template = template("BatchSize: 100");
    let start = || async {
        let folder = tempfile::tempdir().expect("a folder");
        ScriptedFunction::start_in(RELAY, &template, folder, Some(data.path())).await
    };
    let first = start().await;
    put(&first, "a", "before").await;
    wait_for_value(&first, "before").await;
    let saved = || async { first.stack.checkpoints.get("relayChanges") };
    eventually("a checkpoint", saved).await;
    drop(first);
    let second = start().await;
    put(&second, "a", "after").await;
    assert_eq!(wait_for_value(&second, "after").await, ["after"]);
}
