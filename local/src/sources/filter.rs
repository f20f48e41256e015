//! Which records an event source passes on: a record must match one of its patterns.

use quamina::Quamina;
use serde_json::Value;

/// An event source's patterns.
pub struct Filters(Option<Quamina<()>>);

/// A pattern that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the filter pattern {pattern} can't be read: {problem}")]
pub struct InvalidFilter {
    pattern: String,
    problem: String,
}

impl Filters {
    /// Filters from the template's patterns. Without any, everything passes.
    pub fn new(patterns: &[String]) -> Result<Self, InvalidFilter> {
        if patterns.is_empty() {
            return Ok(Self(None));
        }
        let mut all = Quamina::new();
        for pattern in patterns {
            let invalid =
                |error: quamina::QuaminaError| InvalidFilter { pattern: pattern.clone(), problem: error.to_string() };
            all.add_pattern((), pattern).map_err(invalid)?;
        }
        Ok(Self(Some(all)))
    }

    /// Whether a record is passed on.
    pub fn pass(&self, record: &Value) -> bool {
        self.0.as_ref().is_none_or(|patterns| patterns.has_matches(record.to_string().as_bytes()).unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_passes_when_one_pattern_matches() {
        let told = r#"{"dynamodb":{"NewImage":{"ev":{"S":[{"exists":true}]}}}}"#.to_owned();
        let removed = r#"{"eventName":["REMOVE"]}"#.to_owned();
        let filters = Filters::new(&[told, removed]).expect("patterns");
        assert!(filters.pass(&json!({"eventName": "MODIFY", "dynamodb": {"NewImage": {"ev": {"S": "sent"}}}})));
        assert!(filters.pass(&json!({"eventName": "REMOVE", "dynamodb": {"OldImage": {}}})));
        assert!(!filters.pass(&json!({"eventName": "MODIFY", "dynamodb": {"NewImage": {"id": {"S": "msg_1"}}}})));
    }

    #[test]
    fn without_patterns_everything_passes_and_a_wrong_pattern_is_refused() {
        assert!(Filters::new(&[]).expect("none").pass(&json!({})));
        assert!(Filters::new(&["{not json".to_owned()]).is_err());
    }
}
