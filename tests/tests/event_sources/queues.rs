//! A queue as an event source.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};
use tests::script::{Act, Script};
use tests::wait::eventually;

use crate::RELAY;

/// Longer than the queue's visibility time-out.
const UNTIL_SEEN_AGAIN: Duration = Duration::from_secs(31);

fn template(queue: &str, source: &str) -> String {
    format!(
        "Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties: {{ VisibilityTimeout: 30, {queue} RedrivePolicy: {{ deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 }} }}
  Dead:
    Type: AWS::SQS::Queue
    Properties: {{ {queue} MessageRetentionPeriod: 1209600 }}
  relay:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 1
      Environment: {{ Variables: {{ RELAY_URL: '{{relay}}' }} }}
      Events:
        Work: {{ Type: SQS, Properties: {{ Queue: !GetAtt Work.Arn, {source} }} }}
"
    )
}

async fn standard(source: &str) -> Script {
    Script::start(RELAY, &template("", source)).await
}

fn url(script: &Script, queue: &str) -> String {
    format!("{}/000000000000/{queue}", script.stack.addresses.sqs)
}

async fn send(script: &Script, bodies: &[&str]) {
    for chunk in bodies.chunks(10) {
        let mut request = script.stack.clients.sqs.send_message_batch().queue_url(url(script, "Work"));
        for (position, body) in chunk.iter().enumerate() {
            let entry = aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder();
            request = request.entries(entry.id(position.to_string()).message_body(*body).build().expect("an entry"));
        }
        request.send().await.expect("the queue takes messages");
    }
}

async fn wait_until_empty(script: &Script, queue: &str) {
    wait_for_counts(script, queue, ["0", "0"]).await;
}

/// Waits until so many messages can be seen and so many are in flight.
async fn wait_for_counts(script: &Script, queue: &str, counts: [&str; 2]) {
    let ask = || async {
        let request = script.stack.clients.sqs.get_queue_attributes().queue_url(url(script, queue));
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

fn failures(event: &Value, failed: impl Fn(&str) -> bool) -> Act {
    let records = event["Records"].as_array().expect("records").iter();
    let ids = records.filter(|record| failed(record["body"].as_str().unwrap_or_default()));
    let ids: Vec<Value> = ids.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
    Act::Answer(json!({ "batchItemFailures": ids }))
}

#[tokio::test]
async fn messages_come_with_what_lambda_gives_of_them_and_are_deleted_when_the_function_has_answered() {
    let script = standard("BatchSize: 10").await;
    send(&script, &["hello"]).await;
    let event = script.wait_for(1).await.remove(0);
    let record = &event["Records"][0];
    assert_eq!((&record["body"], &record["eventSource"]), (&json!("hello"), &json!("aws:sqs")));
    assert_eq!(record["eventSourceARN"], "arn:aws:sqs:us-east-1:000000000000:Work");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert!(["messageId", "receiptHandle", "md5OfBody"].iter().all(|name| record[name].is_string()), "{record}");
    wait_until_empty(&script, "Work").await;
}

#[tokio::test]
async fn a_batch_never_has_more_messages_than_its_size() {
    let script = standard("BatchSize: 3").await;
    let sent: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    send(&script, &sent.iter().map(String::as_str).collect::<Vec<_>>()).await;
    wait_until_empty(&script, "Work").await;
    let events = script.events();
    assert!(events.iter().all(|event| bodies(event).len() <= 3));
    let mut got: Vec<String> = events.iter().flat_map(bodies).collect();
    got.sort_by_key(|body| body.parse::<u32>().expect("a number"));
    assert_eq!(got, sent);
}

#[tokio::test]
async fn only_the_messages_that_the_function_names_come_again_and_only_after_their_visibility_time_out() {
    let script = standard("BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures]").await;
    script.always(|event| failures(event, |body| body == "bad"));
    send(&script, &["good", "bad", "fine"]).await;
    wait_for_counts(&script, "Work", ["0", "1"]).await;
    let before = script.events().len();
    script.always(|_| Act::Answer(Value::Null));
    script.stack.clock.advance(UNTIL_SEEN_AGAIN).expect("the clock");
    let events = script.wait_for(before + 1).await;
    assert_eq!(bodies(&events[before]), ["bad"]);
    assert_eq!(events[before]["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
    wait_until_empty(&script, "Work").await;
}

#[tokio::test]
async fn an_answer_that_names_an_unknown_message_makes_the_whole_batch_fail() {
    let script = standard("BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures]").await;
    script.always(|_| Act::Answer(json!({ "batchItemFailures": [{ "itemIdentifier": "nobody" }] })));
    send(&script, &["a", "b"]).await;
    wait_for_counts(&script, "Work", ["0", "2"]).await;
}

#[tokio::test]
async fn without_reporting_an_answer_of_any_kind_is_success() {
    let script = standard("BatchSize: 10").await;
    script.always(|event| failures(event, |_| true));
    send(&script, &["a", "b"]).await;
    script.wait_for(1).await;
    wait_until_empty(&script, "Work").await;
}

#[tokio::test]
async fn a_message_whose_function_fails_exits_or_hangs_comes_again_and_then_goes_to_the_dead_letter_queue() {
    for act in [Act::Fail, Act::Exit, Act::Hang] {
        let script = standard("BatchSize: 1").await;
        script.always(move |_| act.clone());
        send(&script, &["doomed"]).await;
        for receives in 1..=2 {
            script.wait_for(receives).await;
            wait_for_counts(&script, "Work", ["0", "1"]).await;
            script.stack.clock.advance(UNTIL_SEEN_AGAIN).expect("the clock");
        }
        wait_for_counts(&script, "Dead", ["1", "0"]).await;
        assert_eq!(script.events().len(), 2);
    }
}

#[tokio::test]
async fn messages_that_match_no_filter_are_deleted_without_an_event() {
    let filter = r#"BatchSize: 10, FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["wanted"]}}' }] }"#;
    let script = standard(filter).await;
    send(&script, &[r#"{"kind":"unwanted"}"#, r#"{"kind":"wanted","n":1}"#, "not json"]).await;
    wait_until_empty(&script, "Work").await;
    let got: Vec<String> = script.events().iter().flat_map(bodies).collect();
    assert_eq!(got, [r#"{"kind":"wanted","n":1}"#]);
}

#[tokio::test]
async fn a_fifo_group_waits_for_its_failed_head_while_other_groups_go_on() {
    let script = Script::start(
        RELAY,
        &template("FifoQueue: true,", "BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures]")
            .replace("maxReceiveCount: 2", "maxReceiveCount: 1000"),
    )
    .await;
    // A function that reports the head of group a, and with it what is behind it, as Lambda asks of FIFO queues.
    script.always(|event| failures(event, |body| body.starts_with("a")));
    for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")] {
        let request = script.stack.clients.sqs.send_message().queue_url(url(&script, "Work.fifo"));
        let request = request.message_group_id(group).message_deduplication_id(body).message_body(body);
        request.send().await.expect("the queue takes it");
    }
    let done = || async {
        let seen: Vec<String> = script.events().iter().flat_map(bodies).collect();
        ["b1", "b2"].iter().all(|body| seen.iter().any(|seen| seen == body)).then_some(())
    };
    eventually("group b", done).await;
    script.always(|_| Act::Answer(Value::Null));
    script.stack.clock.advance(UNTIL_SEEN_AGAIN).expect("the clock");
    wait_until_empty(&script, "Work.fifo").await;
    let of_a: Vec<String> = script.events().iter().flat_map(bodies).filter(|body| body.starts_with('a')).collect();
    assert_eq!(of_a[of_a.len() - 2..], ["a1", "a2"], "{of_a:?}");
}
