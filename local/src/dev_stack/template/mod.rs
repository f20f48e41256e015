//! Reads `template.yaml`, the file that AWS deploys, so that the local stack has the same tables, queues, functions and
//! event sources. What is not supported locally is an error.

mod event_sources;
mod functions;
mod intrinsics;
mod mappings;
mod permissions;
mod resources;
mod yaml;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

pub use event_sources::{EventSource, HttpRoute};
pub use functions::Function;
pub use permissions::Permission;
pub use resources::{Bucket, Queue, Secret, Table, TemplateContext};

use crate::aws::{ACCOUNT_ID, REGION};
use intrinsics::Names;

/// A template that is unreadable or not supported.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .file.display())]
pub struct TemplateError {
    file: PathBuf,
    problem: String,
}

/// A template.
#[derive(Debug)]
pub struct Template {
    file: PathBuf,
    json: Value,
}

/// The resources of a template, with all names resolved.
#[derive(Debug)]
pub struct Deployment {
    /// The tables.
    pub tables: Vec<Table>,
    /// The queues, dead-letter queues before the queues that refer to them.
    pub queues: Vec<Queue>,
    /// The buckets.
    pub buckets: Vec<Bucket>,
    /// The secrets.
    pub secrets: Vec<Secret>,
    /// The functions.
    pub functions: Vec<Function>,
}

/// Resources by their logical ids.
type Resources<'a> = Vec<(&'a String, &'a Value)>;

impl Template {
    /// Reads a file.
    pub fn read(file: &Path) -> Result<Self, TemplateError> {
        let error = |problem: String| TemplateError { file: file.to_owned(), problem };
        let text = std::fs::read_to_string(file).map_err(|cause| error(format!("can't be read: {cause}")))?;
        let json = yaml::read(&text).map_err(error)?;
        if !json["Resources"].is_object() {
            return Err(error("it has no Resources".to_owned()));
        }
        Ok(Self { file: file.to_owned(), json })
    }

    /// A part of the file by JSON pointer, with short tags in their long form.
    pub fn part(&self, pointer: &str) -> Option<&Value> {
        self.json.pointer(pointer)
    }

    /// Resolves the template's resources.
    pub fn resolve(&self, context: &TemplateContext) -> Result<Deployment, TemplateError> {
        self.try_resolve(context).map_err(|problem| self.error(problem))
    }

    /// The permissions of each function's role.
    pub fn permissions(
        &self,
        context: &TemplateContext,
    ) -> Result<BTreeMap<String, BTreeSet<Permission>>, TemplateError> {
        let (names, resources) = self.names_and_resources(context).map_err(|problem| self.error(problem))?;
        let functions = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
        let permissions = functions.map(|(id, function)| {
            let permissions = permissions::read(&names, &resources, function);
            Ok((id.to_string(), permissions.map_err(|problem| self.error(format!("Resources.{id}: {problem}")))?))
        });
        permissions.collect()
    }

    fn error(&self, problem: String) -> TemplateError {
        TemplateError { file: self.file.clone(), problem }
    }

    fn try_resolve(&self, context: &TemplateContext) -> Result<Deployment, String> {
        let (names, resources) = self.names_and_resources(context)?;
        let of_type = |kind: &'static str| resources.iter().filter(move |(_, resource)| resource["Type"] == kind);
        let tables = of_type("AWS::DynamoDB::Table").map(|(id, resource)| resources::table(&names, id, resource));
        let queues = of_type("AWS::SQS::Queue").map(|(id, resource)| resources::queue(&names, id, resource));
        let buckets = of_type("AWS::S3::Bucket").map(|(id, resource)| resources::bucket(&names, id, resource));
        let secrets = of_type("AWS::SecretsManager::Secret").map(|(id, it)| resources::secret(&names, id, it));
        let globals = &self.json["Globals"]["Function"];
        let functions = of_type("AWS::Serverless::Function").map(|(id, it)| functions::read(&names, id, it, globals));
        let mut functions = functions.collect::<Result<Vec<_>, _>>()?;
        mappings::add_to(&mut functions, &names, of_type("AWS::Lambda::EventSourceMapping"))?;
        let mut queues: Vec<Queue> = queues.collect::<Result<_, _>>()?;
        queues.sort_by_key(|queue| queue.attributes.contains_key("RedrivePolicy"));
        Ok(Deployment {
            tables: tables.collect::<Result<_, _>>()?,
            queues,
            buckets: buckets.collect::<Result<_, _>>()?,
            secrets: secrets.collect::<Result<_, _>>()?,
            functions,
        })
    }

    /// The resources whose condition is true, and the values of all names.
    fn names_and_resources(&self, context: &TemplateContext) -> Result<(Names, Resources<'_>), String> {
        let mut names = self.names(context)?;
        let resources = self.resources(&names)?;
        for (id, resource) in &resources {
            resources::add_names(&mut names, context, id, resource)?;
        }
        Ok((names, resources))
    }

    /// Parameters, pseudo parameters and conditions, without the names of resources.
    fn names(&self, context: &TemplateContext) -> Result<Names, String> {
        let pseudo = [("Region", REGION), ("AccountId", ACCOUNT_ID), ("Partition", "aws"), ("URLSuffix", "localhost")];
        let pseudo = pseudo.into_iter().chain([("StackName", "local"), ("StackId", "local")]);
        let mut references: HashMap<String, Value> =
            pseudo.map(|(name, value)| (format!("AWS::{name}"), json!(value))).collect();
        for (name, parameter) in members(&self.json["Parameters"]) {
            let given = context.parameters.get(name.as_str()).map(|value| match value.parse::<i64>() {
                Ok(number) if parameter["Type"] == "Number" => json!(number),
                _ => json!(value),
            });
            let value = given.or_else(|| parameter.get("Default").cloned());
            let value = value.ok_or_else(|| format!("Parameters.{name} has neither a default nor a local value"))?;
            references.insert(name.clone(), value);
        }
        let conditions = members(&self.json["Conditions"]).map(|(name, value)| (name.clone(), value.clone()));
        Ok(Names { references, attributes: HashMap::new(), conditions: conditions.collect() })
    }

    /// The resources whose condition is true.
    fn resources(&self, names: &Names) -> Result<Resources<'_>, String> {
        let mut resources = Vec::new();
        for (id, resource) in members(&self.json["Resources"]) {
            let included =
                resource["Condition"].as_str().map_or(Ok(true), |condition| names.is_condition_true(condition));
            if included.map_err(|problem| format!("Resources.{id}: {problem}"))? {
                resources.push((id, resource));
            }
        }
        Ok(resources)
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn project_template() -> Template {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        Template::read(&file).expect("the project's template")
    }

    fn context() -> TemplateContext {
        let parameters = HashMap::from([
            ("EarlierKeys", "false".to_owned()),
            ("WhatsAppAppSecret", "secret-secret-secret".to_owned()),
            ("WhatsAppVerifyToken", "verify-verify-verify".to_owned()),
        ]);
        let (sqs_url, callback_url) = ("http://127.0.0.1:9324".to_owned(), "http://127.0.0.1:9325".to_owned());
        TemplateContext { sqs_url, callback_url, parameters }
    }

    #[test]
    fn the_project_s_template_is_supported_locally() {
        let deployment = project_template().resolve(&context()).expect("a supported template");
        let names: Vec<_> = deployment.functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["deliver", "manage", "media", "notify", "receive", "send", "settle"]);
        let deliver = &deployment.functions[0];
        assert_eq!(deliver.timeout, Duration::from_secs(30));
        assert_eq!(deliver.variables["EXPRESS_QUEUE_URL"], "http://127.0.0.1:9324/000000000000/ExpressQueue.fifo");
        let [EventSource::Sqs(bulk), EventSource::Sqs(express)] = &deliver.event_sources[..] else {
            panic!("two queues")
        };
        assert_eq!((express.queue.as_str(), bulk.queue.as_str()), ("ExpressQueue.fifo", "BulkQueue.fifo"));
        assert_eq!((express.batch_size, express.max_concurrency, bulk.max_concurrency), (10, Some(50), Some(5)));
        assert_eq!(express.function_response_types.len(), 1);
        let queue = deployment.queues.iter().find(|queue| queue.name == "ExpressQueue.fifo").expect("the queue");
        assert_eq!(queue.attributes["DeduplicationScope"], "messageGroup");
    }

    #[test]
    fn an_unsupported_property_is_an_error_that_names_it() {
        let mut template = project_template();
        template.json["Resources"]["notify"]["Properties"]["Events"]["Connections"]["Properties"]["TumblingWindowInSeconds"] =
            json!(5);
        let error = template.resolve(&context()).expect_err("an unknown property").to_string();
        assert!(error.contains("Resources.notify") && error.contains("TumblingWindowInSeconds"), "{error}");
    }

    #[test]
    fn an_unsupported_property_of_a_function_is_an_error_that_names_it() {
        for place in ["/Globals/Function", "/Resources/send/Properties"] {
            let mut template = project_template();
            template.json.pointer_mut(place).expect("a function's properties")["SnapStart"] = json!({});
            let error = template.resolve(&context()).expect_err("an unknown property").to_string();
            assert!(error.contains("Resources.") && error.contains("SnapStart"), "{error}");
        }
    }

    #[test]
    fn a_parameter_without_a_value_is_an_error_that_names_it() {
        let mut none = context();
        none.parameters.remove("WhatsAppAppSecret");
        let error = project_template().resolve(&none).expect_err("no app secret").to_string();
        assert!(error.contains("WhatsAppAppSecret"), "{error}");
    }
}
