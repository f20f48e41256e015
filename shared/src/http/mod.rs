//! The parts of our own HTTP API: error codes and responses, reading of request bodies, the OpenAPI description.
//!
//! The only place that decides what a client sees of an error. Causes are logged here and never sent.

pub mod api_error;
pub mod error_code;
mod event_description;
pub mod idempotency_key;
pub mod openapi;
pub mod openapi_tags;
pub mod query;
pub mod rate_limit_headers;
pub mod request_body;
pub mod retry_after;
pub mod schema;
mod strict_deserializer;

pub use api_error::{ApiError, Details, Envelope};
pub use error_code::ErrorCode;
pub use event_description::EventDescription;
pub use openapi::{Credential, Operation};
pub use rate_limit_headers::Allowance;
pub use request_body::MAX_BODY;
