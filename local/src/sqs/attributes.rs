//! A queue's attributes: what may be set, to what, and what follows from it.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use rustack_sqs_model::types::QueueAttributeName as Name;
use serde_json::Value;

use super::error::{ErrorCode, SqsError};
use super::redrive_policy::RedrivePolicy;

/// The numbers that can be set, what they may be (Amazon SQS API reference, SetQueueAttributes) and what they are
/// if not set.
const NUMBERS: [(Name, RangeInclusive<i64>, Option<&str>); 6] = [
    (Name::DelaySeconds, 0..=900, Some("0")),
    (Name::KmsDataKeyReusePeriodSeconds, 60..=86_400, None),
    (Name::MaximumMessageSize, 1024..=1_048_576, Some("1048576")),
    (Name::MessageRetentionPeriod, 60..=1_209_600, Some("345600")),
    (Name::ReceiveMessageWaitTimeSeconds, 0..=20, Some("0")),
    (Name::VisibilityTimeout, 0..=43_200, Some("30")),
];

/// What FIFO queues have beside.
const FIFO_DEFAULTS: [(Name, &str); 4] = [
    (Name::ContentBasedDeduplication, "false"),
    (Name::DeduplicationScope, "queue"),
    (Name::FifoQueue, "true"),
    (Name::FifoThroughputLimit, "perQueue"),
];

/// The attributes of one queue.
#[derive(Clone, Debug)]
pub struct Attributes {
    /// Each as it was set, or its default.
    values: BTreeMap<&'static str, String>,
    /// Whether it is a FIFO queue.
    pub is_fifo: bool,
    /// Where messages go that were received too often.
    pub redrive_policy: Option<RedrivePolicy>,
}

impl Attributes {
    /// The attributes of a new queue.
    ///
    /// # Errors
    ///
    /// `InvalidAttributeName` and `InvalidAttributeValue`, and `InvalidParameterValue` for a redrive policy.
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
    ///
    /// # Errors
    ///
    /// As for a new queue.
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
            return Err(SqsError::new(ErrorCode::InvalidAttributeValue, message));
        }
        *self = changed;
        Ok(())
    }

    fn set_one(&mut self, given: &str, value: &str) -> Result<(), SqsError> {
        let unknown = || SqsError::new(ErrorCode::InvalidAttributeName, format!("Unknown Attribute {given}."));
        let name = Name::from_str_name(given).ok_or_else(unknown)?;
        let is_of_fifo = FIFO_DEFAULTS.iter().any(|(of_fifo, _)| *of_fifo == name);
        if is_of_fifo && !self.is_fifo {
            let message = format!("You can specify the {given} only when FifoQueue is set to true.");
            return Err(SqsError::new(ErrorCode::InvalidAttributeName, message));
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
            return Err(SqsError::new(ErrorCode::InvalidAttributeValue, message));
        }
        if name == Name::RedrivePolicy {
            self.redrive_policy = RedrivePolicy::parse(value)?;
        }
        if value.is_empty() {
            self.values.remove(name.as_str());
        } else {
            self.values.insert(name.as_str(), value.to_owned());
        }
        Ok(())
    }

    /// The first attribute that another queue of this name was given with a different value.
    pub fn difference<'a>(&self, given: &'a HashMap<String, String>) -> Option<&'a str> {
        let is_different = |name: &str, value: &String| self.values.get(name) != Some(value);
        let different = given.iter().find(|(name, value)| is_different(name, value));
        different.map(|(name, _)| name.as_str())
    }

    /// Each attribute that can be set, with its value.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// How long messages are hidden after they were sent, in seconds.
    pub fn delay(&self) -> i64 {
        self.number(Name::DelaySeconds)
    }

    /// The greatest size of a message, in bytes.
    pub fn max_message_size(&self) -> usize {
        usize::try_from(self.number(Name::MaximumMessageSize)).unwrap_or_default()
    }

    /// How long messages are kept, in seconds.
    pub fn retention(&self) -> i64 {
        self.number(Name::MessageRetentionPeriod)
    }

    /// How long a receive waits for a message, in seconds.
    pub fn receive_wait(&self) -> i64 {
        self.number(Name::ReceiveMessageWaitTimeSeconds)
    }

    /// How long messages are hidden after they were received, in seconds.
    pub fn visibility_timeout(&self) -> i64 {
        self.number(Name::VisibilityTimeout)
    }

    /// Whether a message's body is its deduplication id if it has no other.
    pub fn deduplicates_by_content(&self) -> bool {
        self.is(Name::ContentBasedDeduplication, "true")
    }

    /// Whether deduplication ids count within their message group alone.
    pub fn deduplicates_by_group(&self) -> bool {
        self.is(Name::DeduplicationScope, "messageGroup")
    }

    fn is(&self, name: Name, value: &str) -> bool {
        self.values.get(name.as_str()).is_some_and(|is| is == value)
    }

    fn number(&self, name: Name) -> i64 {
        let value = self.values.get(name.as_str());
        value.and_then(|value| value.parse().ok()).unwrap_or_default()
    }
}

/// Whether this is a RedriveAllowPolicy, which is kept and shown but forbids nothing.
fn is_allow_policy(policy: &str) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    match policy["redrivePermission"].as_str() {
        Some("allowAll" | "denyAll") => policy.get("sourceQueueArns").is_none(),
        Some("byQueue") => policy["sourceQueueArns"].as_array().is_some_and(|arns| (1..=10).contains(&arns.len())),
        _ => false,
    }
}
