//! The permissions of the functions' roles.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::intrinsics::Names;

/// An IAM action on a resource. The resource is the last part of its ARN: `Messages`, `Messages/index/byChat`,
/// `ExpressQueue.fifo`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Permission {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The items of a table that it is for, by the beginning of their partition keys: `acc_*`. All of them without.
    pub leading_keys: Option<String>,
}

impl Permission {
    /// A permission for an action on a resource.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), leading_keys: None }
    }

    /// The same permission for items whose partition keys match a pattern.
    #[must_use]
    pub fn with_leading_keys(self, pattern: impl Into<String>) -> Self {
        Self { leading_keys: Some(pattern.into()), ..self }
    }
}

/// Reads the permissions of a function's role. The role must be in the template, without managed policies, with `Allow`
/// statements only, and with no condition but one on the leading keys of a table.
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
        let patterns = leading_keys(&statement["Condition"]).map_err(|problem| format!("{id}: {problem}"))?;
        for action in list(&statement["Action"]).filter_map(Value::as_str) {
            for arn in list(&statement["Resource"]).filter_map(Value::as_str) {
                let permission = Permission::new(action, resource_name(arn));
                match &patterns {
                    None => drop(allowed.insert(permission)),
                    Some(patterns) => {
                        allowed.extend(patterns.iter().map(|pattern| permission.clone().with_leading_keys(pattern)));
                    }
                }
            }
        }
    }
    Ok(allowed)
}

/// The patterns of a condition on leading keys; none without a condition. An error for any other condition.
fn leading_keys(condition: &Value) -> Result<Option<Vec<String>>, String> {
    if condition.is_null() {
        return Ok(None);
    }
    let patterns = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
    let patterns: Vec<_> = list(patterns).filter_map(Value::as_str).map(str::to_owned).collect();
    let supported = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns } });
    if *condition == supported {
        Ok(Some(patterns))
    } else {
        Err(format!("the condition {condition} is not supported"))
    }
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
