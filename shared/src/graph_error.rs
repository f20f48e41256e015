//! An error as WhatsApp's Graph API words it, in an answer or in a callback, and what customers are told of it.
//!
//! The table is whatsapp-cloud-api's; the code decides, never the HTTP status.

use std::time::Duration;

use serde::Deserialize;

use crate::canonical_json::MAX_INTEGER;
use crate::failure::{Failure, FailureCode};

/// The `error` of an answer, or one of a callback's `errors`.
#[derive(Clone, Debug, Deserialize)]
pub struct GraphError {
    /// WhatsApp's code.
    pub code: i64,
    /// Its text in an answer; often absent from a callback.
    #[serde(default)]
    pub message: Option<String>,
    /// Its text in a callback.
    #[serde(default)]
    pub title: Option<String>,
    /// The part that explains it.
    #[serde(default)]
    pub error_data: Option<ErrorData>,
}

/// The part of an error that explains it.
#[derive(Clone, Debug, Deserialize)]
pub struct ErrorData {
    /// In words.
    #[serde(default)]
    pub details: Option<String>,
}

/// How long a number rests that WhatsApp has stopped, if it does not say: then one message tries whether it still is.
pub const PAUSE: Duration = Duration::from_secs(15 * 60);

/// Whether a code says that WhatsApp has stopped a number or its account for a while, for its policies' sake: nothing
/// is sent from it until that has passed. 130497 is not one: it stops the way to one country (docs/adr/0013).
pub const fn pauses(code: i64) -> bool {
    matches!(code, 131_048 | 368 | 131_031)
}

impl GraphError {
    /// What customers are told: our code, WhatsApp's code, WhatsApp's words.
    pub fn failure(&self) -> Failure {
        let details = self.error_data.as_ref().and_then(|data| data.details.clone());
        let words = details.or_else(|| self.message.clone()).or_else(|| self.title.clone());
        // A webhook repeats the code, and its body must survive JavaScript.
        let provider_code = Some(self.code).filter(|code| code.unsigned_abs() <= MAX_INTEGER);
        Failure { code: self.failure_code(), message: words.unwrap_or_default(), provider_code }
    }

    /// Whether nothing more can be sent with this token or from this number: it is dead, not the message.
    pub fn is_of_the_instance(&self) -> bool {
        self.failure_code() == FailureCode::InstanceDisconnected
    }

    const fn failure_code(&self) -> FailureCode {
        match self.code {
            0 | 3 | 10 | 33 | 190 | 200..=299 | 131_005 | 131_045 | 133_010 => FailureCode::InstanceDisconnected,
            131_048 | 368 | 131_031 | 130_497 | 131_049 | 131_050 | 130_472 => FailureCode::BlockedByPolicy,
            131_051 | 131_053 => FailureCode::UnsupportedMediaType,
            132_000..=132_018 => FailureCode::TemplateRejected,
            131_021 | 131_026 => FailureCode::RecipientUnreachable,
            131_047 => FailureCode::OutsideWindow,
            _ => FailureCode::ProviderError,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_get_our_code_and_whatsapp_s_own_code_and_words() {
        let json = r#"{"code":131047,"title":"Re-engagement message","message":"Re-engagement message",
            "error_data":{"details":"more than 24 hours have passed"},"href":"https://example.com"}"#;
        let failure = serde_json::from_str::<GraphError>(json).expect("a callback's error").failure();
        assert_eq!(failure.code, FailureCode::OutsideWindow);
        assert_eq!(failure.provider_code, Some(131_047));
        assert_eq!(failure.message, "more than 24 hours have passed");
    }

    #[test]
    fn a_code_that_nobody_has_seen_is_told_all_the_same() {
        let failure = serde_json::from_str::<GraphError>(r#"{"code":999999}"#).expect("only a code").failure();
        assert_eq!((failure.code, failure.provider_code), (FailureCode::ProviderError, Some(999_999)));
    }

    #[test]
    fn a_code_that_javascript_can_t_hold_is_not_told() {
        for (code, told) in [(1_i64 << 53, Some(1_i64 << 53)), ((1 << 53) + 1, None), (i64::MIN, None)] {
            let error = serde_json::from_str::<GraphError>(&format!(r#"{{"code":{code}}}"#)).expect("only a code");
            assert_eq!(error.failure().provider_code, told, "{code}");
        }
    }
}
