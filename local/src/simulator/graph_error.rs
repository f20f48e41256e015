//! Errors as the Graph API words them (whatsapp-cloud-api, Errors), in answers and in callbacks.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::BUSINESS;

/// An error.
#[derive(Clone, Debug)]
pub struct GraphError {
    code: i64,
    details: String,
    hint: Option<Hint>,
}

/// When to come again, in a header of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hint {
    /// `Retry-After`, in seconds.
    RetryAfter(u32),
    /// `X-Business-Use-Case-Usage`, in minutes.
    RegainAccess(u32),
}

impl GraphError {
    /// An error with a code and what explains it.
    pub fn new(code: i64, details: impl Into<String>) -> Self {
        Self { code, details: details.into(), hint: None }
    }

    /// Something wrong with what was posted.
    pub fn parameter(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }

    /// The same with a header.
    pub fn with_hint(self, hint: Option<Hint>) -> Self {
        Self { hint, ..self }
    }

    /// One of the `errors` of a callback.
    pub fn in_callback(&self) -> Value {
        let title = self.title();
        json!({ "code": self.code, "title": title, "message": title, "error_data": { "details": self.details } })
    }

    /// The body of an answer.
    fn in_answer(&self) -> Value {
        json!({
            "error": {
                "message": format!("(#{}) {}", self.code, self.title()),
                "type": "OAuthException",
                "code": self.code,
                "error_data": { "messaging_product": "whatsapp", "details": self.details },
                "fbtrace_id": Uuid::new_v4().simple().to_string(),
            }
        })
    }

    /// Meta's words for a code; what explains it when there are none.
    fn title(&self) -> &str {
        match self.code {
            0 => "AuthException",
            4 => "Application request limit reached",
            190 => "Invalid OAuth access token.",
            80_007 => "Rate limit issues",
            130_429 => "Rate limit hit",
            131_000 => "Something went wrong",
            131_005 => "Access denied",
            131_016 => "Service unavailable",
            131_026 => "Message undeliverable",
            131_047 => "Re-engagement message",
            131_048 => "Spam rate limit hit",
            131_049 => "Meta chose not to deliver",
            131_053 => "Media upload error",
            131_056 => "(Business Account, Consumer Account) pair rate limit hit",
            132_000 => "Number of parameters does not match the expected number of params",
            132_001 => "Template name does not exist in the translation",
            _ => &self.details,
        }
    }

    /// Most errors are the caller's in HTTP's eyes, rate limits too.
    const fn status(&self) -> StatusCode {
        match self.code {
            0 | 190 => StatusCode::UNAUTHORIZED,
            1 | 2 | 131_000 | 131_016 => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl Hint {
    fn header(self) -> (HeaderName, HeaderValue) {
        match self {
            Self::RetryAfter(seconds) => (header::RETRY_AFTER, seconds.into()),
            Self::RegainAccess(minutes) => {
                let usage = json!({ BUSINESS: [{
                    "type": "messages",
                    "call_count": 100,
                    "total_cputime": 25,
                    "total_time": 25,
                    "estimated_time_to_regain_access": minutes,
                }] });
                let value = HeaderValue::from_str(&usage.to_string()).expect("JSON of digits and names is a header");
                (HeaderName::from_static("x-business-use-case-usage"), value)
            }
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut response = super::answer(self.status(), &self.in_answer());
        response.headers_mut().extend(self.hint.map(Hint::header));
        response
    }
}
