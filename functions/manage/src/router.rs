//! From a method and a path to what answers it.

use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use shared::api_error::{ApiError, ErrorCode, respond};
use shared::authentication::Authenticator;
use shared::ids::RequestId;
use shared::message_table::MessageTable;

use crate::message_status::{self, StatusAnswer};

/// Answers requests.
pub struct Manager {
    /// Finds out who asks.
    pub authenticator: Authenticator,
    /// The records.
    pub messages: MessageTable,
}

impl Manager {
    /// Answers one request.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let id = RequestId::generate();
        match self.route(request).await {
            Ok(answer) => respond(StatusCode::OK, &answer, &id),
            Err(error) => error.into_response(&id),
        }
    }

    async fn route(&self, request: &Request) -> Result<StatusAnswer, ApiError> {
        let path: Vec<&str> = request.uri().path().trim_start_matches('/').split('/').collect();
        match (request.method(), path.as_slice()) {
            (&Method::GET, ["v1", "messages", id, "status"]) => message_status::read(self, request, id).await,
            (_, ["v1", "messages", _, "status"]) => Err(wrong_method("GET")),
            (_, ["v1", "messages", "send"]) => Err(wrong_method("POST")),
            _ => Err(ApiError::new(ErrorCode::RouteNotFound, "there is nothing at this path")),
        }
    }
}

fn wrong_method(right: &str) -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, format!("this path takes {right}"))
}
