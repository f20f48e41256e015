//! Errors of WhatsApp's Graph API, in responses and in callbacks. The code decides what follows (`error_codes`), never the
//! HTTP status.

use serde::Deserialize;

use crate::canonical_json::MAX_INTEGER;
use crate::message::Failure;
use crate::text::truncated;
use crate::whatsapp::error_codes::ErrorMeaning;
use crate::whatsapp::text_limits::MAX_EXPLANATION;

/// The `error` of a response, or one of a callback's `errors`.
#[derive(Clone, Debug, Deserialize)]
pub struct GraphError {
    /// WhatsApp's code.
    pub code: i64,
    /// Its text in a response; often absent from a callback.
    pub message: Option<String>,
    /// Its text in a callback.
    pub title: Option<String>,
    /// The explanation.
    pub error_data: Option<ErrorData>,
}

/// The explanation of an error.
#[derive(Clone, Debug, Deserialize)]
pub struct ErrorData {
    /// The explanation's text.
    pub details: Option<String>,
}

impl GraphError {
    /// The failure that customers see: our code, WhatsApp's code, WhatsApp's text within bounds.
    pub fn failure(&self) -> Failure {
        let details = self.error_data.as_ref().and_then(|data| data.details.clone());
        let text = details.or_else(|| self.message.clone()).or_else(|| self.title.clone());
        // A webhook repeats the code, and JavaScript must be able to represent it exactly.
        let provider_code = Some(self.code).filter(|code| code.unsigned_abs() <= MAX_INTEGER);
        let message = truncated(text.unwrap_or_default(), MAX_EXPLANATION);
        Failure { code: self.meaning().failure, message, provider_code }
    }

    /// What is known of its code.
    pub fn meaning(&self) -> &'static ErrorMeaning {
        ErrorMeaning::find(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::FailureCode;

    #[test]
    fn customers_get_our_code_and_whatsapp_s_own_code_and_text() {
        let json = r#"{"code":131047,"title":"Re-engagement message","message":"Re-engagement message",
            "error_data":{"details":"more than 24 hours have passed"},"href":"https://example.com"}"#;
        let failure = serde_json::from_str::<GraphError>(json).expect("a callback's error").failure();
        assert_eq!(failure.code, FailureCode::OutsideWindow);
        assert_eq!(failure.provider_code, Some(131_047));
        assert_eq!(failure.message, "more than 24 hours have passed");
    }

    #[test]
    fn an_unknown_code_is_shown_as_a_provider_error() {
        let failure = serde_json::from_str::<GraphError>(r#"{"code":999999}"#).expect("only a code").failure();
        assert_eq!((failure.code, failure.provider_code), (FailureCode::ProviderError, Some(999_999)));
    }

    #[test]
    fn a_code_that_javascript_cannot_represent_is_not_shown() {
        for (code, shown) in [(1_i64 << 53, Some(1_i64 << 53)), ((1 << 53) + 1, None), (i64::MIN, None)] {
            let error = serde_json::from_str::<GraphError>(&format!(r#"{{"code":{code}}}"#)).expect("only a code");
            assert_eq!(error.failure().provider_code, shown, "{code}");
        }
    }
}
