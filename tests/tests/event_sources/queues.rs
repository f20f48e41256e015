//! A queue as an event source.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};
use tests::scripted_function::{Reaction, ScriptedFunction};
use tests::wait::eventually;

use crate::RELAY;

/// Longer than the queue's visibility timeout.
const UNTIL_SEEN_AGAIN: Duration = Duration::from_secs(601);

/// A timeout of the function, in seconds, that no test waits for.
const NEVER: u32 = 300;

fn template(queue: &str, source: &str, timeout: u32) -> String {
    format!(
        "Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties: {{ VisibilityTimeout: 600, {queue} RedrivePolicy: {{ deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 }} }}
  Dead:
    Type: AWS::SQS::Queue
    Properties: {{ {queue} MessageRetentionPeriod: 1209600 }}
  relay:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: {timeout}
      Environment: {{ Variables: {{ RELAY_URL: '{{relay}}' }} }}
      Events:
        Work: {{ Type: SQS, Properties: {{ Queue: !GetAtt Work.Arn, {source} }} }}
"
    )
}

async fn standard(source: &str) -> ScriptedFunction {
    ScriptedFunction::start(RELAY, &template("", source, NEVER)).await
}

fn url(function: &ScriptedFunction, queue: &str) -> String {
    format!("{}/000000000000/{queue}", function.stack.addresses.sqs)
}

async fn send(function: &ScriptedFunction, bodies: &[&str]) {
    for chunk in bodies.chunks(10) {
        let mut request = function.stack.clients.sqs.send_message_batch().queue_url(url(function, "Work"));
        for (position, body) in chunk.iter().enumerate() {
            let entry = aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder();
            request = request.entries(entry.id(position.to_string()).message_body(*body).build().expect("an entry"));
        }
        request.send().await.expect("the queue takes messages");
    }
}

async fn wait_until_empty(function: &ScriptedFunction, queue: &str) {
    wait_for_counts(function, queue, ["0", "0"]).await;
}

/// Waits until this many messages are visible and this many are in flight.
async fn wait_for_counts(function: &ScriptedFunction, queue: &str, counts: [&str; 2]) {
    let ask = || async {
        let request = function.stack.clients.sqs.get_queue_attributes().queue_url(url(function, queue));
        let answer = request.attribute_names(QueueAttributeName::All).send().await.ok()?;
        let attributes = answer.attributes()?;
        let count = |name| attributes.get(&name).map(String::as_str);
        let seen = count(QueueAttributeName::ApproximateNumberOfMessages)?;
        let in_flight = count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?;
        ([seen, in_flight] == counts).then_some(())
    };
    eventually(&format!("{queue} to have {counts:?}"), ask).await;
}

fn bodies(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().expect("records");
    records.iter().map(|record| record["body"].as_str().expect("a body").to_owned()).collect()
}

fn failures(event: &Value, failed: impl Fn(&str) -> bool) -> Reaction {
    let records = event["Records"].as_array().expect("records").iter();
    let ids = records.filter(|record| failed(record["body"].as_str().unwrap_or_default()));
    let ids: Vec<Value> = ids.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
    Reaction::Answer(json!({ "batchItemFailures": ids }))
}

#[tokio::test]
async fn queue_messages_have_lambdas_form_and_are_deleted_after_success() {
    let function = standard("BatchSize: 10").await;
    send(&function, &["hello"]).await;
    let event = function.wait_for(1).await.remove(0);
    let record = &event["Records"][0];
    assert_eq!((&record["body"], &record["eventSource"]), (&json!("hello"), &json!("aws:sqs")));
    assert_eq!(record["eventSourceARN"], "arn:aws:sqs:us-east-1:000000000000:Work");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert!(["messageId", "receiptHandle", "md5OfBody"].iter().all(|name| record[name].is_string()), "{record}");
    wait_until_empty(&function, "Work").await;
}

#[tokio::test]
async fn a_batch_never_has_more_messages_than_its_size() {
    let function = standard("BatchSize: 3").await;
    let sent: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    send(&function, &sent.iter().map(String::as_str).collect::<Vec<_>>()).await;
    wait_until_empty(&function, "Work").await;
    let events = function.events();
    assert!(events.iter().all(|event| bodies(event).len() <= 3));
    let mut got: Vec<String> = events.iter().flat_map(bodies).collect();
    got.sort_by_key(|body| body.parse::<u32>().expect("a number"));
    assert_eq!(got, sent);
}

#[tokio::test]
async fn only_reported_messages_are_retried_after_the_visibility_timeout() {
    let function = standard("BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures]").await;
    function.always(|event| failures(event, |body| body == "bad"));
    send(&function, &["good", "bad", "fine"]).await;
    wait_for_counts(&function, "Work", ["0", "1"]).await;
    let before = function.events().len();
    function.always(|_| Reaction::Answer(Value::Null));
    function.stack.clock.advance(UNTIL_SEEN_AGAIN).expect("the clock");
    let events = function.wait_for(before + 1).await;
    assert_eq!(bodies(&events[before]), ["bad"]);
    assert_eq!(events[before]["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
    wait_until_empty(&function, "Work").await;
}

#[tokio::test]
async fn an_answer_that_reports_an_unknown_message_fails_the_batch() {
    let function = standard("BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures]").await;
    function.always(|_| Reaction::Answer(json!({ "batchItemFailures": [{ "itemIdentifier": "nobody" }] })));
    send(&function, &["a", "b"]).await;
    wait_for_counts(&function, "Work", ["0", "2"]).await;
}

#[tokio::test]
async fn without_batch_item_failures_any_answer_is_success() {
    let function = standard("BatchSize: 10").await;
    function.always(|event| failures(event, |_| true));
    send(&function, &["a", "b"]).await;
    function.wait_for(1).await;
    wait_until_empty(&function, "Work").await;
}

#[tokio::test]
async fn a_message_whose_function_fails_twice_is_a_dead_letter() {
    for (reaction, timeout) in [(Reaction::Fail, NEVER), (Reaction::Exit, NEVER), (Reaction::Hang, 1)] {
        let function = ScriptedFunction::start(RELAY, &template("", "BatchSize: 1", timeout)).await;
        function.always(move |_| reaction.clone());
        send(&function, &["doomed"]).await;
        for receives in 1..=2 {
            function.wait_for(receives).await;
            wait_for_counts(&function, "Work", ["0", "1"]).await;
            function.stack.clock.advance(UNTIL_SEEN_AGAIN).expect("the clock");
        }
        wait_for_counts(&function, "Dead", ["1", "0"]).await;
        assert_eq!(function.events().len(), 2);
    }
}

#[tokio::test]
async fn messages_that_match_no_filter_are_deleted() {
    let filter = r#"BatchSize: 10, FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["wanted"]}}' }] }"#;
    let function = standard(filter).await;
    send(&function, &[r#"{"kind":"unwanted"}"#, r#"{"kind":"wanted","n":1}"#, "not json"]).await;
    wait_until_empty(&function, "Work").await;
    let got: Vec<String> = function.events().iter().flat_map(bodies).collect();
    assert_eq!(got, [r#"{"kind":"wanted","n":1}"#]);
}

#[tokio::test]
async fn a_fifo_group_waits_for_its_failed_message_and_others_continue() {
    let function = ScriptedFunction::start(
        RELAY,
        &template("FifoQueue: true,", "BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures]", NEVER)
            .replace("maxReceiveCount: 2", "maxReceiveCount: 1000"),
    )
    .await;
    // A function that reports the head of group a, and with it what is behind it, as Lambda requires for FIFO queues.
    function.always(|event| failures(event, |body| body.starts_with("a")));
    for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")] {
        let request = function.stack.clients.sqs.send_message().queue_url(url(&function, "Work.fifo"));
        let request = request.message_group_id(group).message_deduplication_id(body).message_body(body);
        request.send().await.expect("the queue takes it");
    }
    let done = || async {
        let seen: Vec<String> = function.events().iter().flat_map(bodies).collect();
        ["b1", "b2"].iter().all(|body| seen.iter().any(|seen| seen == body)).then_some(())
    };
    eventually("group b", done).await;
    function.always(|_| Reaction::Answer(Value::Null));
    function.stack.clock.advance(UNTIL_SEEN_AGAIN).expect("the clock");
    wait_until_empty(&function, "Work.fifo").await;
    let of_a: Vec<String> = function.events().iter().flat_map(bodies).filter(|body| body.starts_with('a')).collect();
    assert_eq!(of_a[of_a.len() - 2..], ["a1", "a2"], "{of_a:?}");
}
