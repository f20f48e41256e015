//! The operator's endpoints: accounts, credits, API keys, the operator webhook, erasure of a phone number's messages,
//! callbacks that could not be read.

pub mod accounts;
pub mod api_keys;
pub mod credits;
pub mod operator_webhook;
pub mod phone_erasure;
pub mod unread_callbacks;
