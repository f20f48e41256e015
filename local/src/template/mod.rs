//! `template.yaml` as this machine reads it: the same file that AWS deploys says which tables, queues, functions and
//! event sources there are, so that the laptop and AWS cannot drift apart.

mod functions;
mod intrinsics;
mod resources;
mod roles;
mod sources;
mod yaml;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

pub use functions::Function;
pub use resources::{Queue, Secret, Table};
pub use roles::Permission;
pub use sources::{HttpSource, QueueSource, ScheduleSource, Source, StreamSource};

use intrinsics::Names;

/// The account that everything on this machine belongs to.
pub const ACCOUNT: &str = "000000000000";
/// The region that everything on this machine is in.
pub const REGION: &str = "us-east-1";

/// A template that can't be read or that the laptop can't follow.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .file.display())]
pub struct TemplateError {
    file: PathBuf,
    problem: String,
}

/// A template as it stands in its file.
#[derive(Debug)]
pub struct Template {
    file: PathBuf,
    json: Value,
}

/// What the template needs to know of this machine.
#[derive(Debug)]
pub struct Ground {
    /// Where SQS listens, without a slash at its end.
    pub sqs_url: String,
    /// Values for the template's parameters; others have their defaults.
    pub parameters: HashMap<&'static str, String>,
}

/// What the template says is to be here.
#[derive(Debug)]
pub struct Deployment {
    /// The tables.
    pub tables: Vec<Table>,
    /// The queues, dead-letter queues before those that name them.
    pub queues: Vec<Queue>,
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

    /// A part of it by its JSON pointer, as it stands in the file but for short tags, which have their long form.
    pub fn part(&self, pointer: &str) -> Option<&Value> {
        self.json.pointer(pointer)
    }

    /// Resolves it for this machine.
    pub fn deploy(&self, ground: &Ground) -> Result<Deployment, TemplateError> {
        self.try_deploy(ground).map_err(|problem| TemplateError { file: self.file.clone(), problem })
    }

    /// What the role of each function allows.
    pub fn roles(&self, ground: &Ground) -> Result<BTreeMap<String, BTreeSet<Permission>>, TemplateError> {
        self.try_roles(ground).map_err(|problem| TemplateError { file: self.file.clone(), problem })
    }

    fn try_roles(&self, ground: &Ground) -> Result<BTreeMap<String, BTreeSet<Permission>>, String> {
        let (names, resources) = self.named(ground)?;
        let functions = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
        let role = |(id, function): &(&String, &Value)| {
            let role = roles::read(&names, &resources, function);
            Ok((id.to_string(), role.map_err(|problem| format!("Resources.{id}: {problem}"))?))
        };
        functions.map(role).collect()
    }

    fn try_deploy(&self, ground: &Ground) -> Result<Deployment, String> {
        let (names, resources) = self.named(ground)?;
        let of_type = |kind: &'static str| resources.iter().filter(move |(_, resource)| resource["Type"] == kind);
        let tables = of_type("AWS::DynamoDB::Table").map(|(id, resource)| resources::table(&names, id, resource));
        let queues = of_type("AWS::SQS::Queue").map(|(id, resource)| resources::queue(&names, id, resource));
        let secrets = of_type("AWS::SecretsManager::Secret").map(|(id, it)| resources::secret(&names, id, it));
        let globals = &self.json["Globals"]["Function"];
        let functions = of_type("AWS::Serverless::Function").map(|(id, it)| functions::read(&names, id, it, globals));
        let mut queues: Vec<Queue> = queues.collect::<Result<_, _>>()?;
        queues.sort_by_key(|queue| queue.attributes.contains_key("RedrivePolicy"));
        Ok(Deployment {
            tables: tables.collect::<Result<_, _>>()?,
            queues,
            secrets: secrets.collect::<Result<_, _>>()?,
            functions: functions.collect::<Result<_, _>>()?,
        })
    }

    /// The resources that are there, and what everything is called.
    fn named(&self, ground: &Ground) -> Result<(Names, Resources<'_>), String> {
        let mut names = self.names(ground)?;
        let resources = self.resources(&names)?;
        for (id, resource) in &resources {
            resources::name(&mut names, ground, id, resource)?;
        }
        Ok((names, resources))
    }

    /// Parameters, pseudo parameters and conditions; the resources' names are added when they are known.
    fn names(&self, ground: &Ground) -> Result<Names, String> {
        let pseudo = [("Region", REGION), ("AccountId", ACCOUNT), ("Partition", "aws"), ("URLSuffix", "localhost")];
        let pseudo = pseudo.into_iter().chain([("StackName", "local"), ("StackId", "local")]);
        let mut references: HashMap<String, Value> =
            pseudo.map(|(name, value)| (format!("AWS::{name}"), json!(value))).collect();
        for (name, parameter) in members(&self.json["Parameters"]) {
            let given = ground.parameters.get(name.as_str()).map(|value| json!(value));
            let value = given.or_else(|| parameter.get("Default").cloned());
            let value =
                value.ok_or_else(|| format!("Parameters.{name} has no default, and the laptop has no value"))?;
            references.insert(name.clone(), value);
        }
        let conditions = members(&self.json["Conditions"]).map(|(name, value)| (name.clone(), value.clone()));
        Ok(Names { references, attributes: HashMap::new(), conditions: conditions.collect() })
    }

    /// The resources whose condition holds.
    fn resources(&self, names: &Names) -> Result<Resources<'_>, String> {
        let mut resources = Vec::new();
        for (id, resource) in members(&self.json["Resources"]) {
            let holds = resource["Condition"].as_str().map_or(Ok(true), |condition| names.holds(condition));
            if holds.map_err(|problem| format!("Resources.{id}: {problem}"))? {
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

    fn ground() -> Ground {
        let parameters = HashMap::from([
            ("WhatsAppAppSecret", "secret-secret-secret".to_owned()),
            ("WhatsAppVerifyToken", "verify-verify-verify".to_owned()),
        ]);
        Ground { sqs_url: "http://127.0.0.1:9324".to_owned(), parameters }
    }

    #[test]
    fn the_project_s_template_says_what_is_to_be_here() {
        let deployment = project_template().deploy(&ground()).expect("a template that the laptop can follow");
        let names: Vec<_> = deployment.functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["deliver", "manage", "notify", "receive", "send", "settle"]);
        let deliver = &deployment.functions[0];
        assert_eq!(deliver.timeout, Duration::from_secs(30));
        assert_eq!(deliver.variables["EXPRESS_QUEUE_URL"], "http://127.0.0.1:9324/000000000000/ExpressQueue.fifo");
        let [Source::Queue(bulk), Source::Queue(express)] = &deliver.sources[..] else { panic!("two queues") };
        assert_eq!((express.queue.as_str(), bulk.queue.as_str()), ("ExpressQueue.fifo", "BulkQueue.fifo"));
        assert_eq!((express.batch_size, express.max_concurrency, bulk.max_concurrency), (10, Some(50), Some(5)));
        assert!(express.reports_batch_item_failures);
        let queue = deployment.queues.iter().find(|queue| queue.name == "ExpressQueue.fifo").expect("the queue");
        assert_eq!(queue.attributes["DeduplicationScope"], "messageGroup");
    }

    #[test]
    fn what_the_laptop_can_t_follow_is_named_with_its_place() {
        let mut template = project_template();
        template.json["Resources"]["notify"]["Properties"]["Events"]["Changes"]["Properties"]["TumblingWindowInSeconds"] =
            json!(5);
        let error = template.deploy(&ground()).expect_err("an unknown property").to_string();
        assert!(error.contains("Resources.notify") && error.contains("TumblingWindowInSeconds"), "{error}");
    }

    #[test]
    fn a_parameter_without_a_value_is_named() {
        let none = Ground { parameters: HashMap::new(), ..ground() };
        let error = project_template().deploy(&none).expect_err("no app secret").to_string();
        assert!(error.contains("WhatsAppAppSecret"), "{error}");
    }
}
