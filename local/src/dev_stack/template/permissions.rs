//! The permissions of the functions' roles.

use std::collections::BTreeSet;

use serde_json::Value;

use super::intrinsics::Names;

/// An IAM action on a resource. The resource is the last part of its ARN: `Messages`, `Messages/index/byChat`,
/// `ExpressQueue.fifo`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Permission {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource.
    pub resource: String,
}

impl Permission {
    /// A permission for an action on a resource.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

/// Reads the permissions of a function's role. The role must be in the template, without managed policies and with `Allow`
/// statements only.
pub fn read(names: &Names, resources: &[(&String, &Value)], function: &Value) -> Result<BTreeSet<Permission>, String> {
    let arn = names.resolve(&function["Properties"]["Role"])?;
    let id = arn.as_str().and_then(|arn| arn.rsplit(':').next()).ok_or("Role is missing")?;
    let role = resources.iter().find(|(name, _)| *name == id).ok_or_else(|| format!("there is no role {id}"))?.1;
    let properties = names.resolve(&role["Properties"])?;
    if !properties["ManagedPolicyArns"].is_null() {
        return Err(format!("{id}: managed policies are not supported"));
    }
    let policies = list(&properties["Policies"]);
    let statements = policies.flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]));
    let mut allowed = BTreeSet::new();
    for statement in statements {
        if statement["Effect"] != "Allow" {
            return Err(format!("{id}: only Allow statements are supported"));
        }
        for action in list(&statement["Action"]).filter_map(Value::as_str) {
            let resources = list(&statement["Resource"]).filter_map(Value::as_str);
            allowed.extend(resources.map(|arn| Permission::new(action, resource_name(arn))));
        }
    }
    Ok(allowed)
}

/// The elements of a list, or a single value in place of a list.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Value::Array(many) => (Some(many), None),
        Value::Null => (None, None),
        one => (None, Some(one)),
    };
    many.into_iter().flatten().chain(one)
}

fn resource_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn).trim_start_matches("table/")
}
