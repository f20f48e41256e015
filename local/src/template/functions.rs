//! The functions: their environment, limits and event sources.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::intrinsics::{Names, as_text};
use super::sources::{self, Source};

/// Seconds that a function may run when the template does not say (AWS::Serverless::Function, Timeout).
const DEFAULT_TIMEOUT: u64 = 3;
/// Megabytes that a function has when the template does not say (AWS::Serverless::Function, MemorySize).
const DEFAULT_MEMORY: u64 = 128;

/// A function.
#[derive(Debug)]
pub struct Function {
    /// Its logical id, which is its folder's and its program's name.
    pub name: String,
    /// How long it may take over one event.
    pub timeout: Duration,
    /// Its memory in megabytes; on this machine it only tells the function what it would have.
    pub memory: u64,
    /// Its environment. `{{resolve:secretsmanager:…}}` still stands in it.
    pub variables: BTreeMap<String, String>,
    /// Whether it has an address of its own.
    pub has_url: bool,
    /// What brings it events.
    pub sources: Vec<Source>,
}

/// Reads a function, with what the template says of all of them.
pub fn read(names: &Names, id: &str, resource: &Value, globals: &Value) -> Result<Function, String> {
    let at = |problem: String| format!("Resources.{id}: {problem}");
    let properties = &resource["Properties"];
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
    let sources = events
        .map(|(name, event)| sources::read(names, event).map_err(|problem| at(format!("Events.{name}: {problem}"))));
    Ok(Function {
        name: id.to_owned(),
        timeout: Duration::from_secs(number("Timeout", DEFAULT_TIMEOUT)?),
        memory: number("MemorySize", DEFAULT_MEMORY)?,
        variables,
        has_url: properties["FunctionUrlConfig"].is_object(),
        sources: sources.collect::<Result<_, _>>()?,
    })
}

fn variables(names: &Names, properties: &Value) -> Result<BTreeMap<String, String>, String> {
    let resolved = names.resolve(&properties["Environment"]["Variables"])?;
    let members = resolved.as_object().into_iter().flatten();
    Ok(members.map(|(name, value)| (name.clone(), as_text(value))).collect())
}
