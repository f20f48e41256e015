//! Filter criteria of event source mappings: a record must match one of the patterns.

use quamina::{Quamina, QuaminaError};
use serde_json::Value;

/// The filter patterns of a mapping.
pub struct FilterCriteria(Option<Quamina<()>>);

/// A filter pattern that is not valid.
#[derive(Debug, thiserror::Error)]
#[error("the filter pattern {pattern} is not valid: {problem}")]
pub struct InvalidPattern {
    pattern: String,
    problem: QuaminaError,
}

impl FilterCriteria {
    /// Parses the patterns. Without patterns, every record matches.
    pub fn new(patterns: &[String]) -> Result<Self, InvalidPattern> {
        if patterns.is_empty() {
            return Ok(Self(None));
        }
        let mut matcher = Quamina::new();
        for pattern in patterns {
            matcher.add_pattern((), pattern).map_err(|problem| InvalidPattern { pattern: pattern.clone(), problem })?;
        }
        Ok(Self(Some(matcher)))
    }

    /// Whether the function receives a record.
    pub fn matches(&self, record: &Value) -> bool {
        self.0.as_ref().is_none_or(|patterns| patterns.has_matches(record.to_string().as_bytes()).unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_matches_when_one_pattern_matches() {
        let has_event = r#"{"dynamodb":{"NewImage":{"ev":{"S":[{"exists":true}]}}}}"#.to_owned();
        let removed = r#"{"eventName":["REMOVE"]}"#.to_owned();
        let filters = FilterCriteria::new(&[has_event, removed]).expect("patterns");
        assert!(filters.matches(&json!({"eventName": "MODIFY", "dynamodb": {"NewImage": {"ev": {"S": "sent"}}}})));
        assert!(filters.matches(&json!({"eventName": "REMOVE", "dynamodb": {"OldImage": {}}})));
        assert!(!filters.matches(&json!({"eventName": "MODIFY", "dynamodb": {"NewImage": {"id": {"S": "msg_1"}}}})));
    }

    #[test]
    fn without_patterns_every_record_matches_and_an_invalid_pattern_is_refused() {
        assert!(FilterCriteria::new(&[]).expect("none").matches(&json!({})));
        assert!(FilterCriteria::new(&["{not json".to_owned()]).is_err());
    }
}
