//! What every endpoint needs.

pub use serde::{Deserialize, Serialize};
pub use serde_json::{Value, json};
pub use shared::account::authentication::Caller;
pub use shared::http::{ApiError, ErrorCode};
pub use utoipa::ToSchema;

pub use crate::api_request::ApiRequest;
pub use crate::api_response::{ApiResponse, unavailable};
pub use crate::app_state::AppState;
pub use crate::endpoint::{ApiResult, Endpoint, Route};
pub(crate) use crate::endpoint::{customer, operator};
