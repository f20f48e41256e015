//! Errors in the Graph API's format (whatsapp-cloud-api, Errors), in responses and in callbacks.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use shared::whatsapp::ErrorMeaning;
use uuid::Uuid;

use super::magic_ids::BUSINESS_ID;

/// A Graph API error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GraphError {
    pub(super) code: i64,
    pub(super) details: String,
    pub(super) subcode: Option<i64>,
    pub(super) retry_hint: Option<RetryHint>,
    /// Whether a response has the code and the explanation as texts, as Meta's sometimes have.
    pub(super) is_odd: bool,
}

/// A header with the time until a retry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RetryHint {
    /// `Retry-After`, in seconds.
    RetryAfter(u32),
    /// `X-Business-Use-Case-Usage`, in minutes.
    RegainAccess(u32),
}

impl GraphError {
    /// An error with a code and an explanation.
    pub fn new(code: i64, details: impl Into<String>) -> Self {
        Self { code, details: details.into(), subcode: None, retry_hint: None, is_odd: false }
    }

    /// Error 100: a parameter is invalid.
    pub fn invalid_parameter(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }

    /// Error 100 with subcode 33: there is nothing with this id, or the token may not see it.
    pub fn no_object() -> Self {
        let details = "Unsupported get request. Object with this id does not exist.";
        Self { subcode: Some(33), ..Self::invalid_parameter(details) }
    }

    /// The error as an element of a callback's `errors`.
    pub fn to_callback_json(&self) -> Value {
        let title = self.title();
        json!({ "code": self.code, "title": title, "message": title, "error_data": { "details": self.details } })
    }

    /// Meta's title of the code, or the explanation for codes that the table does not have.
    fn title(&self) -> &str {
        match ErrorMeaning::find(self.code).title {
            "" => &self.details,
            title => title,
        }
    }

    /// The HTTP status: Meta answers most errors with 400, including rate limits.
    const fn status(&self) -> StatusCode {
        match self.code {
            0 | 190 => StatusCode::UNAUTHORIZED,
            1 | 2 | 131_000 | 131_016 => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl RetryHint {
    fn header(self) -> (HeaderName, HeaderValue) {
        match self {
            Self::RetryAfter(seconds) => (header::RETRY_AFTER, seconds.into()),
            Self::RegainAccess(minutes) => {
                let usage = json!({ BUSINESS_ID: [{
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
        let mut body = json!({
            "error": {
                "message": format!("(#{}) {}", self.code, self.title()),
                "type": "OAuthException",
                "code": self.code,
                "error_data": { "messaging_product": "whatsapp", "details": self.details },
                "fbtrace_id": Uuid::new_v4().simple().to_string(),
            }
        });
        if let Some(subcode) = self.subcode {
            body["error"]["error_subcode"] = json!(subcode);
        }
        if self.is_odd {
            body["error"]["code"] = json!(self.code.to_string());
            body["error"]["error_data"] = json!(format!("{{\"details\":{:?}}}", self.details));
        }
        let mut response = (self.status(), Json(body)).into_response();
        response.headers_mut().extend(self.retry_hint.map(RetryHint::header));
        response
    }
}
