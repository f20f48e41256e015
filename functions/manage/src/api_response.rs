//! Successful responses: the contract's envelope around `data`.

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::aws::TableError;
use shared::http::ApiError;
use shared::http::api_error::respond;
use shared::ids::RequestId;

/// A response that is not an error.
#[derive(Debug)]
pub struct ApiResponse {
    status: StatusCode,
    body: Option<Box<RawValue>>,
    header: Option<(HeaderName, String)>,
}

#[derive(Serialize)]
struct Envelope<'a, T, P> {
    success: bool,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<P>,
}

impl ApiResponse {
    /// 200 with `data`.
    pub fn ok(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::OK, data, None::<()>)
    }

    /// 201 with `data`.
    pub fn created(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::CREATED, data, None::<()>)
    }

    /// 202 with `data`.
    pub fn accepted(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::ACCEPTED, data, None::<()>)
    }

    /// 200 with a page of rows.
    pub fn page(rows: &[impl Serialize], pagination: impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::OK, &rows, Some(pagination))
    }

    /// 204.
    pub const fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, header: None }
    }

    /// 302 to a URL.
    pub const fn redirect(url: String) -> Self {
        Self { status: StatusCode::FOUND, body: None, header: Some((header::LOCATION, url)) }
    }

    /// The same response with the time after which the client should ask again, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { header: Some((header::RETRY_AFTER, seconds.to_string())), ..self }
    }

    fn new(status: StatusCode, data: &impl Serialize, pagination: Option<impl Serialize>) -> Result<Self, ApiError> {
        let envelope = Envelope { success: true, data, pagination };
        let body = serde_json::value::to_raw_value(&envelope).map_err(ApiError::internal)?;
        Ok(Self { status, body: Some(body), header: None })
    }

    /// The HTTP response.
    pub fn into_response(self, request: &RequestId) -> Response<Body> {
        let mut response = respond(self.status, &self.body, request);
        if self.body.is_none() {
            *response.body_mut() = Body::Empty;
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        if let Some((name, value)) = self.header
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// The error of a read that failed: nothing was processed.
pub fn unavailable(error: TableError) -> ApiError {
    ApiError::unavailable(error, 1)
}
