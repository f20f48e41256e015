//! The operator's endpoints: accounts, credits, API keys, the operator webhook, erasure of a person's messages,
//! callbacks that could not be read.

pub mod accounts;
pub mod api_keys;
pub mod credits;
pub mod erasure;
mod message_erasure;
pub mod operator_webhook;
mod person_erasure;
pub mod unread_callbacks;
