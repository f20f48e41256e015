//! A queue's attributes: which can be set, which values they allow, and their defaults.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use rustack_sqs_model::types::QueueAttributeName as Name;
use serde_json::Value;

use super::error::SqsError;
use super::limits::{MAX_DELAY, MAX_MESSAGE_SIZE, MAX_VISIBILITY_TIMEOUT, MAX_WAIT_TIME};

/// The numeric attributes, their ranges (Amazon SQS API reference, SetQueueAttributes) and their defaults.
const NUMBERS: [(Name, RangeInclusive<i64>, Option<&str>); 6] = [
    (Name::DelaySeconds, 0..=MAX_DELAY, Some("0")),
    (Name::KmsDataKeyReusePeriodSeconds, 60..=86_400, None),
    (Name::MaximumMessageSize, 1024..=MAX_MESSAGE_SIZE as i64, Some("1048576")),
    (Name::MessageRetentionPeriod, 60..=1_209_600, Some("345600")),
    (Name::ReceiveMessageWaitTimeSeconds, 0..=MAX_WAIT_TIME, Some("0")),
    (Name::VisibilityTimeout, 0..=MAX_VISIBILITY_TIMEOUT, Some("30")),
];

/// The attributes that only FIFO queues have, with their defaults.
const FIFO_DEFAULTS: [(Name, &str); 4] = [
    (Name::ContentBasedDeduplication, "false"),
    (Name::DeduplicationScope, "queue"),
    (Name::FifoQueue, "true"),
    (Name::FifoThroughputLimit, "perQueue"),
];

/// After how many receives a message moves to which dead-letter queue.
#[derive(Clone, Debug)]
pub struct RedrivePolicy {
    pub dead_letter_target_arn: String,
    pub max_receive_count: u32,
}

#[derive(Clone, Debug)]
pub struct QueueAttributes {
    /// Each attribute as it was set, or its default.
    pub values: BTreeMap<&'static str, String>,
    pub is_fifo: bool,
    pub redrive_policy: Option<RedrivePolicy>,
}

impl QueueAttributes {
    /// The attributes of a new queue.
    /// Fails with `InvalidAttributeName` and `InvalidAttributeValue`, and `InvalidParameterValue` for a redrive policy.
    pub fn new(is_fifo: bool, given: &HashMap<String, String>) -> Result<Self, SqsError> {
        let numbers = NUMBERS.iter().filter_map(|(name, _, default)| Some((name, (*default)?)));
        let fifo = FIFO_DEFAULTS.iter().filter(|_| is_fifo).map(|(name, default)| (name, *default));
        let encryption = (&Name::SqsManagedSseEnabled, "true");
        let defaults = numbers.chain(fifo).chain([encryption]);
        let mut attributes = Self {
            values: defaults.map(|(name, value)| (name.as_str(), value.to_owned())).collect(),
            is_fifo,
            redrive_policy: None,
        };
        attributes.set(given)?;
        Ok(attributes)
    }

    /// Sets attributes, all or none.
    pub fn set(&mut self, given: &HashMap<String, String>) -> Result<(), SqsError> {
        let mut changed = self.clone();
        for (name, value) in given {
            changed.set_one(name, value)?;
        }
        if changed.is(Name::FifoThroughputLimit, "perMessageGroupId")
            && !changed.is(Name::DeduplicationScope, "messageGroup")
        {
            let message = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is \
                           messageGroup.";
            return Err(SqsError::InvalidAttributeValue(message.into()));
        }
        *self = changed;
        Ok(())
    }

    fn set_one(&mut self, given: &str, value: &str) -> Result<(), SqsError> {
        let unknown = || SqsError::unknown_attribute(given);
        let name = Name::from_str_name(given).ok_or_else(unknown)?;
        let is_fifo_only = FIFO_DEFAULTS.iter().any(|(fifo_only, _)| *fifo_only == name);
        if is_fifo_only && !self.is_fifo {
            let message = format!("You can specify the {given} only when FifoQueue is set to true.");
            return Err(SqsError::InvalidAttributeName(message));
        }
        let is_valid = match name {
            Name::ContentBasedDeduplication | Name::SqsManagedSseEnabled => ["true", "false"].contains(&value),
            Name::DeduplicationScope => ["queue", "messageGroup"].contains(&value),
            Name::FifoQueue => value == "true",
            Name::FifoThroughputLimit => ["perQueue", "perMessageGroupId"].contains(&value),
            Name::Policy | Name::KmsMasterKeyId | Name::RedrivePolicy => true,
            Name::RedriveAllowPolicy => value.is_empty() || is_allow_policy(value),
            _ => {
                let limits = NUMBERS.iter().find(|(number, ..)| *number == name);
                let (_, range, _) = limits.ok_or_else(unknown)?;
                value.parse().is_ok_and(|number| range.contains(&number))
            }
        };
        if !is_valid {
            let message = format!("Invalid value for the parameter {given}.");
            return Err(SqsError::InvalidAttributeValue(message));
        }
        if name == Name::RedrivePolicy {
            self.redrive_policy = parse_redrive_policy(value)?;
        }
        if value.is_empty() {
            self.values.remove(name.as_str());
        } else {
            self.values.insert(name.as_str(), value.to_owned());
        }
        Ok(())
    }

    /// The first of the given attributes whose value differs from this queue's.
    pub fn first_difference<'a>(&self, given: &'a HashMap<String, String>) -> Option<&'a str> {
        let different = given.iter().find(|(name, value)| self.values.get(name.as_str()) != Some(*value));
        different.map(|(name, _)| name.as_str())
    }

    /// Whether an attribute has this value.
    pub fn is(&self, name: Name, value: &str) -> bool {
        self.values.get(name.as_str()).is_some_and(|is| is == value)
    }

    /// The value of a numeric attribute, in the attribute's own unit; 0 without.
    pub fn number(&self, name: Name) -> i64 {
        let value = self.values.get(name.as_str());
        value.and_then(|value| value.parse().ok()).unwrap_or_default()
    }
}

/// Parses a RedrivePolicy; an empty text means that there is none.
/// Fails with `InvalidParameterValue` if it is not a JSON object with a target's ARN and a count from 1 to 1000.
fn parse_redrive_policy(policy: &str) -> Result<Option<RedrivePolicy>, SqsError> {
    if policy.is_empty() {
        return Ok(None);
    }
    let invalid = |reason| SqsError::invalid_value("RedrivePolicy", policy, reason);
    let parsed: Value = serde_json::from_str(policy).map_err(|_| invalid("Redrive policy is not a valid JSON."))?;
    let target = parsed["deadLetterTargetArn"].as_str().unwrap_or_default();
    if !target.starts_with("arn:aws:sqs:") {
        return Err(invalid("Invalid value for deadLetterTargetArn."));
    }
    // SDKs send the count as a number or as text.
    let max_receive_count = match &parsed["maxReceiveCount"] {
        Value::String(count) => count.parse().ok(),
        count => count.as_u64().and_then(|count| u32::try_from(count).ok()),
    };
    let max_receive_count = max_receive_count.filter(|count| (1..=1000).contains(count));
    let out_of_range = || invalid("Invalid value for maxReceiveCount: must be an integer from 1 to 1000.");
    let max_receive_count = max_receive_count.ok_or_else(out_of_range)?;
    Ok(Some(RedrivePolicy { dead_letter_target_arn: target.to_owned(), max_receive_count }))
}

/// Whether this is a valid RedriveAllowPolicy, which is stored and returned but not enforced.
fn is_allow_policy(policy: &str) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    match policy["redrivePermission"].as_str() {
        Some("allowAll" | "denyAll") => policy.get("sourceQueueArns").is_none(),
        Some("byQueue") => policy["sourceQueueArns"].as_array().is_some_and(|arns| (1..=10).contains(&arns.len())),
        _ => false,
    }
}
