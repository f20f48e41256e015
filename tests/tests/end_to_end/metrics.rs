//! The metrics of the functions, and that the dashboard and the alarms use no others.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use shared::observability::Metric;
use strum::VariantNames;
use tests::test_stack::{TestStack, template};
use tests::wait::eventually;

use crate::PROGRAM;

/// The log lines that contain a metric.
fn counted(stack: &TestStack, metric: &str) -> Vec<Value> {
    let logs = stack.logs();
    let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["_aws"].is_object() && line[metric].is_u64()).collect()
}

fn sum(lines: &[Value], metric: &str) -> u64 {
    lines.iter().filter_map(|line| line[metric].as_u64()).sum()
}

#[tokio::test]
async fn errors_are_counted_at_once_and_other_metrics_once_a_minute() {
    let stack = TestStack::start(PROGRAM).await;
    let failed = stack.send_text("1555131047", "fails").await;
    stack.webhook.wait_for(failed.as_str(), "message.failed").await;
    let by_code = || async {
        let lines = counted(&stack, "ProviderErrors");
        lines.into_iter().find(|line| line["Code"] == "131047")
    };
    let line = eventually("the code to be counted", by_code).await;
    assert_eq!(line["ProviderErrors"], 1, "{line}");
    let metrics = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!((&metrics["Namespace"], &metrics["Dimensions"][0][0]), (&"local".into(), &"Code".into()));
    assert_eq!(sum(&counted(&stack, "MessagesAccepted"), "MessagesAccepted"), 0, "it waits for its minute");

    stack.pass(Duration::from_secs(61));
    stack.send_text("1555131047", "fails").await;
    let accepted = || async { (sum(&counted(&stack, "MessagesAccepted"), "MessagesAccepted") == 2).then_some(()) };
    eventually("both messages to be counted", accepted).await;
    assert_eq!(counted(&stack, "MessagesAccepted").len(), 1, "in one line");
}

#[tokio::test]
async fn what_somebody_has_to_act_on_is_counted_as_one_metric_for_one_alarm() {
    let stack = TestStack::start(PROGRAM).await;
    stack.send_text("1555000190", "a dead token").await;
    let stopped = || async {
        let lines = counted(&stack, "InstancesStopped");
        (sum(&lines, "InstancesStopped") == 1).then_some(sum(&lines, "Attention"))
    };
    assert_eq!(eventually("the stop to be counted", stopped).await, 1);
}

/// The project's metrics that a template uses: in a dashboard as `"${Namespace}", "Name"`, in an alarm as
/// `MetricName: Name`, in a search as `MetricName="Name"`.
fn named(observability: &str) -> BTreeSet<&str> {
    let after = |mark: &'static str| {
        observability.split(mark).skip(1).filter_map(|rest| rest.split(|end: char| !end.is_ascii_alphanumeric()).next())
    };
    let alarms = observability.split("Namespace: !Ref Namespace").skip(1);
    let alarms = alarms.filter_map(|rest| rest.split("MetricName: ").nth(1));
    let alarms = alarms.filter_map(|rest| rest.split(|end: char| !end.is_ascii_alphanumeric()).next());
    after(r#""${Namespace}", ""#).chain(after(r#"MetricName=\""#)).chain(alarms).collect()
}

#[test]
fn the_dashboard_and_the_alarms_use_exactly_the_existing_metrics() {
    let file = template().with_file_name("infra").join("observability.yaml");
    let text = std::fs::read_to_string(file).expect("the file");
    assert_eq!(named(&text), Metric::VARIANTS.iter().copied().collect());
}
