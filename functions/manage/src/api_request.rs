//! A request as handlers read it: the parameters of its path, its query, its body.

use std::str::FromStr;

use lambda_http::http::header;
use lambda_http::{Request, RequestExt};
use serde::de::DeserializeOwned;
use shared::account::repeatable_request::RepeatableRequest;
use shared::http::{ApiError, ErrorCode, idempotency_key, query, request_body};
use shared::ids::AccountId;

use crate::path_template::PathTemplate;

/// A request to a route.
#[derive(Clone, Copy)]
pub struct ApiRequest<'a> {
    request: &'a Request,
    template: PathTemplate,
}

impl<'a> ApiRequest<'a> {
    /// A request whose path matches the route's.
    pub const fn new(request: &'a Request, template: PathTemplate) -> Self {
        Self { request, template }
    }

    /// A parameter of the path.
    pub fn parameter(self, name: &str) -> &'a str {
        self.template.parameter(name, self.request.uri().path())
    }

    /// An id in the path. A text that is no id gets the same error as an id that does not exist.
    pub fn id<T: FromStr>(self, name: &str, not_found: ErrorCode) -> Result<T, ApiError> {
        self.parameter(name).parse().map_err(|_| not_found.into())
    }

    /// A parameter of the query.
    pub fn query(self, name: &str) -> Option<&'a str> {
        self.request.query_string_parameters_ref()?.first(name)
    }

    /// Refuses parameters of the query that are not among `known`.
    pub fn check_query(self, known: &[&str]) -> Result<(), ApiError> {
        query::refuse_unknown(self.request, known)
    }

    /// A parameter of the query that must parse; `rule` describes its format.
    pub fn parse_query<T: FromStr>(self, name: &str, rule: &str) -> Result<Option<T>, ApiError> {
        let parse = |text: &str| text.parse().map_err(|_| ApiError::invalid(name, format!("`{name}` {rule}")));
        self.query(name).map(parse).transpose()
    }

    /// The body, which is required.
    pub fn body<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        request_body::parse(self.request.body())
    }

    /// The body, which may be empty.
    pub fn body_or_default<T: DeserializeOwned + Default>(self) -> Result<T, ApiError> {
        if self.request.body().is_empty() { Ok(T::default()) } else { self.body() }
    }

    /// The request as one that may be repeated, if it has an Idempotency-Key.
    pub fn repeatable(self, account: &AccountId, operation: &str) -> Result<Option<RepeatableRequest>, ApiError> {
        let key = idempotency_key::read(self.request.headers())?;
        Ok(key.map(|key| RepeatableRequest::new(account, operation, key, self.request.body())))
    }

    /// The base URL that the request was sent to.
    pub fn base_url(self) -> String {
        let header = |name: &str| self.request.headers().get(name).and_then(|value| value.to_str().ok());
        let scheme = header("x-forwarded-proto").unwrap_or("https");
        let host = header(header::HOST.as_str()).or_else(|| self.request.uri().host()).unwrap_or_default();
        format!("{scheme}://{host}")
    }
}
