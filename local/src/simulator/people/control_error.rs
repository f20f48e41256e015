//! Errors of the calls that only the simulator has.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a call was refused: a whole sentence, and the field that is wrong.
#[derive(Debug)]
pub struct ControlError {
    status: StatusCode,
    field: String,
    message: String,
}

impl ControlError {
    /// 400: a field is not valid. The message is about the field, such as `must be a number`.
    pub fn invalid(field: impl Into<String>, problem: impl AsRef<str>) -> Self {
        let field = field.into();
        let message = format!("`{field}` {}.", problem.as_ref());
        Self { status: StatusCode::BAD_REQUEST, field, message }
    }

    /// 409: what is asked does not fit what happened before.
    pub fn conflict(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, field: field.into(), message: message.into() }
    }

    /// 400: the object of a field cannot be read.
    pub fn unreadable(field: &str, error: &serde_json::Error) -> Self {
        Self::invalid(field, format!("is not valid: {error}"))
    }

    /// The same error, about a field within another one.
    pub fn within(self, outer: &str) -> Self {
        let field = format!("{outer}.{}", self.field);
        Self { message: self.message.replace(&format!("`{}`", self.field), &format!("`{field}`")), field, ..self }
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "message": self.message, "field": self.field } });
        (self.status, Json(body)).into_response()
    }
}

/// Checks what a field must be.
pub fn require(holds: bool, field: &str, problem: &str) -> Result<(), ControlError> {
    if holds { Ok(()) } else { Err(ControlError::invalid(field, problem)) }
}
