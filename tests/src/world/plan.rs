//! A world and its operations, and their written form: the world on the first line, an operation on each other one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::operations::Operation;

/// A world and what happens in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plan {
    /// The accounts.
    pub accounts: Vec<AccountPlan>,
    /// The operations, in order.
    pub steps: Vec<Step>,
}

/// What an account has.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountPlan {
    /// Its credits.
    pub credits: i64,
    /// Requests a minute of each of its keys.
    pub per_minute: u32,
    /// How many keys it has.
    pub keys: usize,
    /// How many instances it has, each with a number of its own.
    pub instances: usize,
    /// Whether nothing happens to it that could delay its messages: they must leave before the clock moves.
    pub polite: bool,
    /// Whether its numbers belong to a Meta app of its own, whose secret it has.
    pub own_app: bool,
    /// The instance of each of its webhooks.
    pub webhooks: Vec<usize>,
}

/// An operation; those of one group start side by side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// The group.
    pub group: u32,
    /// The operation.
    pub operation: Operation,
}

/// The error for a text that is not a plan.
#[derive(Debug, thiserror::Error)]
#[error("line {line} is not a step of a world: {reason}")]
pub struct InvalidPlan {
    line: usize,
    reason: String,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", serde_json::to_string(&self.accounts).map_err(|_| fmt::Error)?)?;
        self.steps.iter().try_for_each(|step| {
            writeln!(f, "{} {}", step.group, serde_json::to_string(&step.operation).map_err(|_| fmt::Error)?)
        })
    }
}

impl FromStr for Plan {
    type Err = InvalidPlan;

    fn from_str(text: &str) -> Result<Self, InvalidPlan> {
        let invalid = |line: usize, reason: &dyn fmt::Display| InvalidPlan { line, reason: reason.to_string() };
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let (number, first) = lines.next().ok_or_else(|| invalid(1, &"there is no line"))?;
        let accounts = serde_json::from_str(first).map_err(|error| invalid(number, &error))?;
        let steps = lines.map(|(number, line)| {
            let (group, operation) = line.split_once(' ').ok_or_else(|| invalid(number, &"there is no group"))?;
            let group = group.parse().map_err(|error| invalid(number, &error))?;
            let operation = serde_json::from_str(operation).map_err(|error| invalid(number, &error))?;
            Ok(Step { group, operation })
        });
        Ok(Self { accounts, steps: steps.collect::<Result<_, _>>()? })
    }
}
