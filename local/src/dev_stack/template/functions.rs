//! The functions of the template: their environment variables, limits and event sources.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::event_sources::{self, EventSource};
use super::intrinsics::{Names, as_text};

/// The properties of a function that are followed here, or make no difference to one that runs on this machine. An alias has no
/// effect: events go to the one version that there is.
const KNOWN_PROPERTIES: [&str; 17] = [
    "Architectures",
    "AutoPublishAlias",
    "CodeUri",
    "DeploymentPreference",
    "Environment",
    "EventInvokeConfig",
    "Events",
    "FunctionUrlConfig",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "Timeout",
    "Tracing",
];
/// The default timeout in seconds (AWS::Serverless::Function, Timeout).
const DEFAULT_TIMEOUT: u64 = 3;
/// The default memory in megabytes (AWS::Serverless::Function, MemorySize).
const DEFAULT_MEMORY: u64 = 128;

/// A function.
#[derive(Debug)]
pub struct Function {
    /// The logical id, which is also the name of its folder and program.
    pub name: String,
    /// The longest duration of an invocation.
    pub timeout: Duration,
    /// The memory in megabytes. Here it is only passed to the function as a variable.
    pub memory: u64,
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// Whether it has a function URL.
    pub has_url: bool,
    /// The event sources.
    pub event_sources: Vec<EventSource>,
}

/// Reads a function; `globals` are the properties of all functions.
pub fn read(names: &Names, id: &str, resource: &Value, globals: &Value) -> Result<Function, String> {
    let at = |problem: String| format!("Resources.{id}: {problem}");
    let properties = &resource["Properties"];
    let given = [properties, globals].into_iter().filter_map(Value::as_object).flatten();
    if let Some((unknown, _)) = given.into_iter().find(|(name, _)| !KNOWN_PROPERTIES.contains(&name.as_str())) {
        return Err(at(format!("the property {unknown} of a function is not supported locally")));
    }
    let property = |name: &str| -> Result<Value, String> {
        let value = properties.get(name).or_else(|| globals.get(name)).unwrap_or(&Value::Null);
        names.resolve(value).map_err(|problem| at(format!("{name}: {problem}")))
    };
    let number = |name: &str, default: u64| -> Result<u64, String> {
        match property(name)? {
            Value::Null => Ok(default),
            value => as_text(&value).parse().map_err(|_| at(format!("{name} must be a whole number"))),
        }
    };
    let mut variables = variables(names, globals).map_err(at)?;
    variables.extend(self::variables(names, properties).map_err(at)?);
    let events = properties["Events"].as_object().into_iter().flatten();
    let event_sources = events.map(|(name, event)| {
        let read = event_sources::read(names, format!("{id}{name}"), event);
        read.map_err(|problem| at(format!("Events.{name}: {problem}")))
    });
    Ok(Function {
        name: id.to_owned(),
        timeout: Duration::from_secs(number("Timeout", DEFAULT_TIMEOUT)?),
        memory: number("MemorySize", DEFAULT_MEMORY)?,
        variables,
        has_url: properties["FunctionUrlConfig"].is_object(),
        event_sources: event_sources.collect::<Result<_, _>>()?,
    })
}

fn variables(names: &Names, properties: &Value) -> Result<BTreeMap<String, String>, String> {
    let resolved = names.resolve(&properties["Environment"]["Variables"])?;
    let members = resolved.as_object().into_iter().flatten();
    Ok(members.map(|(name, value)| (name.clone(), as_text(value))).collect())
}
