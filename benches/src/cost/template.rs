//! What the template says of everything that is billed by the month or needs its size.

use std::collections::{BTreeMap, HashMap};

use local::template::{Deployment, Ground, Source, Template};
use serde_json::Value;
use tests::test_stack::template;

/// The deployment.
pub struct Deployed {
    template: Template,
    deployment: Deployment,
}

impl Deployed {
    /// Reads the project's template.
    ///
    /// # Panics
    /// When it can't be read.
    pub fn read() -> Self {
        let template = Template::read(&template()).expect("the template");
        let word = || "none-of-the-costs-depends-on-it".to_owned();
        let parameters = HashMap::from([("WhatsAppAppSecret", word()), ("WhatsAppVerifyToken", word())]);
        let ground = Ground { sqs_url: "http://127.0.0.1".to_owned(), parameters };
        let deployment = template.deploy(&ground).expect("a template that can be followed");
        Self { template, deployment }
    }

    /// How many resources there are of a type.
    pub fn count(&self, kind: &str) -> f64 {
        self.resources().filter(|resource| resource["Type"] == kind).count() as f64
    }

    /// Tables that are encrypted with a key of AWS KMS, whose requests are billed.
    pub fn tables_with_key(&self) -> f64 {
        let encrypted = |table: &&Value| table["Properties"]["SSESpecification"]["SSEEnabled"] == true;
        let tables = self.resources().filter(|resource| resource["Type"] == "AWS::DynamoDB::Table");
        tables.filter(encrypted).count() as f64
    }

    /// Days that messages are kept when nobody says otherwise.
    ///
    /// # Panics
    /// When the template does not say.
    pub fn retention_days(&self) -> f64 {
        let default = self.template.part("/Parameters/RetentionDays/Default");
        default.and_then(Value::as_f64).expect("a default of RetentionDays")
    }

    /// The functions' memory in megabytes.
    pub fn memory(&self) -> BTreeMap<&str, f64> {
        self.deployment.functions.iter().map(|function| (function.name.as_str(), function.memory as f64)).collect()
    }

    /// The queues that Lambda polls, and whether each mapping has a maximum concurrency.
    pub fn polled(&self) -> Vec<(&str, bool)> {
        let sources = self.deployment.functions.iter().flat_map(|function| &function.sources);
        let queues = sources.filter_map(|source| match source {
            Source::Queue(queue) => Some((queue.queue.as_str(), queue.max_concurrency.is_some())),
            _ => None,
        });
        queues.collect()
    }

    fn resources(&self) -> impl Iterator<Item = &Value> {
        let resources = self.template.part("/Resources").and_then(Value::as_object);
        resources.into_iter().flat_map(|resources| resources.values())
    }
}
