//! What each function's role allows, as its policies say.

use std::collections::BTreeSet;

use serde_json::Value;

use super::intrinsics::Names;

/// An action of IAM on a resource. A resource is the last part of its ARN: `Messages`, `Messages/index/byChat`,
/// `ExpressQueue.fifo`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Permission {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// What it is done with.
    pub resource: String,
}

impl Permission {
    /// An action on a resource.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

/// Reads the role of a function: one of the template, without managed policies, and with statements that allow.
pub fn read(names: &Names, resources: &[(&String, &Value)], function: &Value) -> Result<BTreeSet<Permission>, String> {
    let arn = names.resolve(&function["Properties"]["Role"])?;
    let id = arn.as_str().and_then(|arn| arn.rsplit(':').next()).ok_or("Role is missing")?;
    let role = resources.iter().find(|(name, _)| *name == id).ok_or_else(|| format!("there is no role {id}"))?.1;
    let properties = names.resolve(&role["Properties"])?;
    if !properties["ManagedPolicyArns"].is_null() {
        return Err(format!("{id}: what a managed policy allows is not known here"));
    }
    let policies = list(&properties["Policies"]);
    let statements = policies.flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]));
    let mut allowed = BTreeSet::new();
    for statement in statements {
        if statement["Effect"] != "Allow" {
            return Err(format!("{id}: only Allow is known here"));
        }
        for action in list(&statement["Action"]).filter_map(Value::as_str) {
            let resources = list(&statement["Resource"]).filter_map(Value::as_str);
            allowed.extend(resources.map(|arn| Permission::new(action, last(arn))));
        }
    }
    Ok(allowed)
}

/// A list, or the one thing that stands in place of a list.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Value::Array(many) => (Some(many), None),
        Value::Null => (None, None),
        one => (None, Some(one)),
    };
    many.into_iter().flatten().chain(one)
}

fn last(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn).trim_start_matches("table/")
}
