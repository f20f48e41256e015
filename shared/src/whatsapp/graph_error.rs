//! Errors of WhatsApp's Graph API, in responses and in callbacks. The code decides what follows (`error_codes`), never the
//! HTTP status.

use serde_json::value::RawValue;

use crate::canonical_json::MAX_INTEGER;
use crate::message::Failure;
use crate::text::truncated;
use crate::whatsapp::error_codes::ErrorMeaning;
use crate::whatsapp::raw_json::{field, integer, text};
use crate::whatsapp::text_limits::MAX_EXPLANATION;

/// The `error` of a response, or one of a callback's `errors`.
#[derive(Clone, Debug)]
pub struct GraphError {
    /// WhatsApp's code.
    pub code: i64,
    /// WhatsApp's explanation, within bounds; empty if it gives none.
    pub explanation: String,
    /// WhatsApp's `error_subcode`, where the code alone does not say what it means.
    pub subcode: Option<i64>,
}

impl GraphError {
    /// Reads an error. It must have a code, as a number or as text; nothing else matters to what follows, and its
    /// `error_data` may have any form.
    pub fn read(error: &RawValue) -> Option<Self> {
        let code = integer(field(error, "code")?)?;
        let words = |object: &RawValue, name: &str| text(object, name).filter(|words| !words.trim().is_empty());
        let details = field(error, "error_data").and_then(|data| words(data, "details"));
        let explanation = details
            .or_else(|| words(error, "message"))
            .or_else(|| words(error, "title"))
            .or_else(|| words(error, "error_data"));
        let subcode = field(error, "error_subcode").and_then(integer);
        Some(Self { code, explanation: truncated(explanation.unwrap_or_default(), MAX_EXPLANATION), subcode })
    }

    /// The error of a response, if it is one.
    pub fn of_response(response: &RawValue) -> Option<Self> {
        field(response, "error").and_then(Self::read)
    }

    /// The failure that customers see: our code, WhatsApp's code, WhatsApp's text.
    pub fn failure(&self) -> Failure {
        // A webhook repeats the code, and JavaScript must be able to represent it exactly.
        let provider_code = Some(self.code).filter(|code| code.unsigned_abs() <= MAX_INTEGER);
        let message = match self.explanation.as_str() {
            "" => format!("WhatsApp gave no reason but its code, {}.", self.code),
            explanation => explanation.to_owned(),
        };
        Failure { code: self.meaning().failure, message, provider_code }
    }

    /// Whether the object that was asked for does not exist, or is not the token's.
    pub fn names_no_object(&self) -> bool {
        self.code == 33 || (self.code, self.subcode) == (100, Some(33))
    }

    /// What is known of its code. A parameter that is invalid because the sending number does not exist, or is not the
    /// token's, is no error of the message (whatsapp-cloud-api-2026, section 13).
    pub fn meaning(&self) -> &'static ErrorMeaning {
        let code = if self.names_no_object() { 33 } else { self.code };
        ErrorMeaning::find(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::FailureCode;

    fn read(json: &str) -> Option<GraphError> {
        GraphError::read(serde_json::from_str(json).expect("JSON"))
    }

    #[test]
    fn customers_get_our_code_and_whatsapp_s_own_code_and_text() {
        let json = r#"{"code":131047,"title":"Re-engagement message","message":"Re-engagement message",
            "error_data":{"details":"more than 24 hours have passed"},"href":"https://example.com"}"#;
        let failure = read(json).expect("a callback's error").failure();
        assert_eq!(failure.code, FailureCode::OutsideWindow);
        assert_eq!(failure.provider_code, Some(131_047));
        assert_eq!(failure.message, "more than 24 hours have passed");
    }

    #[test]
    fn only_the_code_matters_as_a_number_or_as_text() {
        for (json, explanation) in [
            (r#"{"code":"131026","title":"x"}"#, "x"),
            (r#"{"code":131026,"error_data":"Receiver is incapable"}"#, "Receiver is incapable"),
            (r#"{"code":131026,"message":"m","error_data":"{\"fb\":0}"}"#, "m"),
            (
                r#"{"code":131026,"message":{"a":1},"title":null,"error_data":[1e400]}"#,
                "WhatsApp gave no reason but its code, 131026.",
            ),
            (r#"{"code":131026,"message":" ","title":"t","error_data":{"details":""}}"#, "t"),
            (r#"{"code":131026,"title":"cut \ud83d","error_data":{"details":5}}"#, "cut \u{fffd}"),
        ] {
            let failure = read(json).unwrap_or_else(|| panic!("{json}")).failure();
            assert_eq!((failure.provider_code, failure.message.as_str()), (Some(131_026), explanation), "{json}");
        }
        for json in ["{}", "null", "[]", r#"{"code":null}"#, r#"{"code":"x"}"#, r#"{"code":1e400}"#, r#"{"code":1.5}"#]
        {
            assert!(read(json).is_none(), "{json}");
        }
    }

    #[test]
    fn an_invalid_parameter_with_subcode_33_is_a_number_that_does_not_exist() {
        let failure = read(r#"{"code":100,"error_subcode":"33","message":"m"}"#).expect("a code").failure();
        assert_eq!((failure.code, failure.provider_code), (FailureCode::InstanceDisconnected, Some(100)));
        let other = read(r#"{"code":100,"error_subcode":2494010}"#).expect("a code").failure();
        assert_eq!(other.code, FailureCode::ProviderError);
    }

    #[test]
    fn an_unknown_code_is_shown_as_a_provider_error() {
        let failure = read(r#"{"code":999999}"#).expect("only a code").failure();
        assert_eq!((failure.code, failure.provider_code), (FailureCode::ProviderError, Some(999_999)));
    }

    #[test]
    fn a_code_that_javascript_cannot_represent_is_not_shown() {
        for (code, shown) in [(1_i64 << 53, Some(1_i64 << 53)), ((1 << 53) + 1, None), (i64::MIN, None)] {
            let error = read(&format!(r#"{{"code":{code}}}"#)).expect("only a code");
            assert_eq!(error.failure().provider_code, shown, "{code}");
        }
    }
}
