//! The resources of the template that are billed by the month, and their sizes.

use std::collections::{BTreeMap, HashMap};

use ::tests::test_stack::template;
use local::dev_stack::template::{Deployment, EventSource, Template, TemplateContext};
use serde_json::Value;

/// Example values of the access log's fields.
const TYPICAL: [(&str, &str); 8] = [
    ("$context.requestTimeEpoch", "1767225600000"),
    ("$context.requestTime", "01/Jan/2026:00:00:00 +0000"),
    ("$context.requestId", "JKJaXmPLvHcESHA="),
    ("$context.routeKey", "POST /v1/messages/send"),
    ("$context.status", "202"),
    ("$context.responseLatency", "42"),
    ("$context.responseLength", "84"),
    ("$context.error.messageString", "-"),
];

/// The deployment.
pub struct Deployed {
    template: Template,
    /// The stacks that are resources of it.
    nested: Vec<Template>,
    deployment: Deployment,
}

/// The parameter `Monitoring`.
#[derive(Clone, Copy)]
pub enum Monitoring {
    /// Its default.
    Basic,
    /// An alarm for each cause, and a dashboard.
    Full,
}

impl Monitoring {
    /// Whether it has an alarm or a dashboard of `infra/observability.yaml`.
    fn has(self, resource: &Value) -> bool {
        match resource["Condition"].as_str() {
            Some("IsBasic") => matches!(self, Self::Basic),
            Some("IsFull" | "IsFullOrGradual") => matches!(self, Self::Full),
            _ => true,
        }
    }
}

impl Deployed {
    /// Reads the project's template.
    ///
    /// # Panics
    /// When it can't be read.
    pub fn read() -> Self {
        let file = template();
        let template = Template::read(&file).expect("the template");
        let word = || "none-of-the-costs-depends-on-it".to_owned();
        let parameters = HashMap::from([
            ("WhatsAppAppSecret", word()),
            ("WhatsAppVerifyToken", word()),
            ("EarlierKeys", "false".to_owned()),
        ]);
        let ground =
            TemplateContext { sqs_url: "http://127.0.0.1".to_owned(), callback_url: String::new(), parameters };
        let deployment = template.resolve(&ground).expect("a template that can be followed");
        let urls = resources(&template).filter_map(|stack| stack["Properties"]["TemplateURL"].as_str());
        let nested = urls.map(|url| Template::read(&file.with_file_name(url)).expect("a nested template")).collect();
        Self { template, nested, deployment }
    }

    /// How many secrets there are.
    pub fn secrets(&self) -> f64 {
        self.of_type("AWS::SecretsManager::Secret").count() as f64
    }

    /// How many dashboards there are.
    pub fn dashboards(&self, monitoring: Monitoring) -> f64 {
        self.of_type("AWS::CloudWatch::Dashboard").filter(|dashboard| monitoring.has(dashboard)).count() as f64
    }

    /// The metrics of its alarms: one each, or those of a metric expression.
    pub fn alarm_metrics(&self, monitoring: Monitoring) -> f64 {
        let metrics = |alarm: &Value| {
            let metrics = alarm["Properties"]["Metrics"].as_array().into_iter().flatten();
            metrics.filter(|metric| metric["MetricStat"].is_object()).count().max(1)
        };
        let alarms = self.of_type("AWS::CloudWatch::Alarm").filter(|alarm| monitoring.has(alarm));
        alarms.map(metrics).sum::<usize>() as f64
    }

    /// The default retention of messages in days.
    ///
    /// # Panics
    /// When the template does not say.
    pub fn retention_days(&self) -> f64 {
        self.default_of("RetentionDays").expect("a default of RetentionDays")
    }

    /// The retention of logs in days; without one in the template, logs are kept for ever, and the messages' retention is used.
    pub fn log_retention_days(&self) -> f64 {
        self.default_of("LogRetentionDays").unwrap_or_else(|| self.retention_days())
    }

    /// Bytes of a line of the API's access log; none without one.
    pub fn access_log_line(&self) -> f64 {
        let format = self.template.part("/Resources/Api/Properties/AccessLogSettings/Format").and_then(Value::as_str);
        filled(format.unwrap_or_default()).len() as f64
    }

    /// The functions' memory in megabytes.
    pub fn memory(&self) -> BTreeMap<&str, f64> {
        self.deployment.functions.iter().map(|function| (function.name.as_str(), function.memory as f64)).collect()
    }

    /// The queues that Lambda polls, and whether each mapping has a maximum concurrency.
    pub fn polled(&self) -> Vec<(&str, bool)> {
        let sources = self.deployment.functions.iter().flat_map(|function| &function.event_sources);
        let queues = sources.filter_map(|source| match source {
            EventSource::Sqs(queue) => Some((queue.queue.as_str(), queue.max_concurrency.is_some())),
            _ => None,
        });
        queues.collect()
    }

    /// How many tables and indexes have units of their own with provisioned capacity.
    pub fn provisioned(&self) -> f64 {
        let tables = self.of_type("AWS::DynamoDB::Table").map(|table| &table["Properties"]);
        let indexes = |table: &'_ Value| table["GlobalSecondaryIndexes"].as_array().map_or(0, Vec::len);
        tables.filter(|table| table["ProvisionedThroughput"].is_object()).map(|table| 1 + indexes(table)).sum::<usize>()
            as f64
    }

    /// The default of the least units a second that each of these has.
    ///
    /// # Panics
    /// When the template does not say.
    pub fn min_table_units(&self) -> f64 {
        self.default_of("MinTableUnits").expect("a default of MinTableUnits")
    }

    /// The lanes of a shard in which statuses are gathered, and for how many seconds.
    ///
    /// # Panics
    /// When the template gathers none.
    pub fn status_window(&self) -> (f64, f64) {
        let sources = self.deployment.functions.iter().flat_map(|function| &function.event_sources);
        let mut windows = sources.filter_map(|source| match source {
            EventSource::Stream(mapping) if mapping.batching_window_seconds > 0 => {
                Some((mapping.parallelization_factor as f64, f64::from(mapping.batching_window_seconds)))
            }
            _ => None,
        });
        windows.next().expect("a mapping with a window")
    }

    fn default_of(&self, parameter: &str) -> Option<f64> {
        self.template.part(&format!("/Parameters/{parameter}/Default")).and_then(Value::as_f64)
    }

    fn of_type(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let all = std::iter::once(&self.template).chain(&self.nested).flat_map(resources);
        all.filter(move |resource| resource["Type"] == kind)
    }
}

fn resources(template: &Template) -> impl Iterator<Item = &Value> {
    let resources = template.part("/Resources").and_then(Value::as_object);
    resources.into_iter().flat_map(|resources| resources.values())
}

/// A line of the access log; a field that is not known here stays as long as its name.
fn filled(format: &str) -> String {
    TYPICAL.iter().fold(format.to_owned(), |line, (field, value)| line.replace(field, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_log_s_fields_are_filled() {
        let format = r#"{"time":"$context.requestTimeEpoch","status":"$context.status","more":"$context.path"}"#;
        assert_eq!(filled(format), r#"{"time":"1767225600000","status":"202","more":"$context.path"}"#);
    }
}
