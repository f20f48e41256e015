//! The RedrivePolicy attribute: after how many receives a message moves to which dead-letter queue.

use serde_json::Value;

use super::error::SqsError;

/// A queue's redrive policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedrivePolicy {
    /// The ARN of the dead-letter queue.
    pub dead_letter_target_arn: String,
    /// How often a message is received before it moves there.
    pub max_receive_count: u32,
}

impl RedrivePolicy {
    /// Parses the attribute; an empty text means that there is no policy.
    /// Fails with `InvalidParameterValue` if it is not a JSON object with a target's ARN and a count from 1 to 1000.
    pub fn parse(policy: &str) -> Result<Option<Self>, SqsError> {
        if policy.is_empty() {
            return Ok(None);
        }
        let invalid = |reason: &str| SqsError::invalid_value("RedrivePolicy", policy, reason);
        let parsed: Value = serde_json::from_str(policy).map_err(|_| invalid("Redrive policy is not a valid JSON."))?;
        let target = parsed["deadLetterTargetArn"].as_str().unwrap_or_default();
        if !target.starts_with("arn:aws:sqs:") {
            return Err(invalid("Invalid value for deadLetterTargetArn."));
        }
        // SDKs send the count as a number or as text.
        let max_receive_count = match &parsed["maxReceiveCount"] {
            Value::String(count) => count.parse().ok(),
            count => count.as_u64(),
        };
        let max_receive_count = max_receive_count.and_then(|count| u32::try_from(count).ok());
        match max_receive_count {
            Some(max_receive_count @ 1..=1000) => {
                Ok(Some(Self { dead_letter_target_arn: target.to_owned(), max_receive_count }))
            }
            _ => Err(invalid("Invalid value for maxReceiveCount: must be an integer from 1 to 1000.")),
        }
    }
}
