//! The operator's endpoints: accounts, credits, API keys, the operator webhook, erasure of a person's messages,
//! callbacks that could not be read, and what was given up.

mod account_response;
pub mod accounts;
pub mod api_keys;
pub mod close_account;
pub mod credits;
pub mod dead_letters;
pub mod erasure;
mod message_erasure;
pub mod operator_webhook;
mod person_erasure;
pub mod unread_callbacks;

use serde_json::json;
use shared::http::Operation;

/// Describes the header of a request that may be repeated.
fn idempotency_header(operation: Operation, effect: &str) -> Operation {
    let key = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    operation.header("Idempotency-Key", key, effect)
}
