//! What endpoints answer: the contract's `data`, with its pages.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::api_error::{ApiError, respond};
use shared::conditional_write::TableError;
use shared::ids::RequestId;
use utoipa::ToSchema;

/// An answer that is not an error.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Box<RawValue>>,
}

/// Nothing was done: the table did not answer a read.
pub fn unavailable(error: TableError) -> ApiError {
    ApiError::unavailable(error, 1)
}

/// Where a page of numbered rows stands in the whole.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OffsetPage {
    /// All rows that there are.
    pub total: usize,
    /// The most rows of a page.
    pub limit: usize,
    /// Rows before this page.
    pub offset: usize,
    /// Whether rows follow.
    pub has_more: bool,
}

/// Where the page after this one begins.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CursorPage {
    /// Whether rows follow.
    pub has_more: bool,
    /// What to ask for them with.
    pub next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Whole<'a, T, P> {
    success: bool,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<P>,
}

impl Answer {
    /// 200 with this under `data`.
    pub fn ok(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::of(StatusCode::OK, data, None::<()>)
    }

    /// 201 with this under `data`.
    pub fn created(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::of(StatusCode::CREATED, data, None::<()>)
    }

    /// 202 with this under `data`.
    pub fn accepted(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::of(StatusCode::ACCEPTED, data, None::<()>)
    }

    /// 200 with these rows under `data`.
    pub fn page(rows: &[impl Serialize], pagination: impl Serialize) -> Result<Self, ApiError> {
        Self::of(StatusCode::OK, &rows, Some(pagination))
    }

    /// 204.
    pub const fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None }
    }

    fn of(status: StatusCode, data: &impl Serialize, pagination: Option<impl Serialize>) -> Result<Self, ApiError> {
        let whole = Whole { success: true, data, pagination };
        let body = serde_json::value::to_raw_value(&whole).map_err(ApiError::internal)?;
        Ok(Self { status, body: Some(body) })
    }

    /// The answer on the wire.
    pub fn into_response(self, request: &RequestId) -> Response<Body> {
        let mut response = respond(self.status, &self.body, request);
        if self.body.is_none() {
            *response.body_mut() = Body::Empty;
            response.headers_mut().remove("content-type");
        }
        response
    }
}
