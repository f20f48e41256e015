//! What the functions count, and that the dashboard and the alarms look at nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use shared::metrics::Metric;
use strum::VariantNames;
use tests::test_stack::{TestStack, template};
use tests::wait::eventually;

use crate::PROGRAM;

/// The lines in which a metric stands.
fn counted(stack: &TestStack, metric: &str) -> Vec<Value> {
    let logs = stack.logs();
    let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["_aws"].is_object() && line[metric].is_u64()).collect()
}

fn sum(lines: &[Value], metric: &str) -> u64 {
    lines.iter().filter_map(|line| line[metric].as_u64()).sum()
}

#[tokio::test]
async fn what_goes_wrong_is_counted_at_once_by_its_code_and_the_ordinary_once_a_minute() {
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

/// The metrics of ours that a text of the template names: in a dashboard as `"${Namespace}", "Name"`, in an alarm as
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
fn the_dashboard_and_the_alarms_show_exactly_what_the_functions_count() {
    let file = template().with_file_name("infra").join("observability.yaml");
    let text = std::fs::read_to_string(file).expect("the file");
    assert_eq!(named(&text), Metric::VARIANTS.iter().copied().collect());
}
