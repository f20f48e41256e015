//! Webhooks: customers' endpoints that are notified of events; and inbound URLs.

pub mod create;
pub mod delete;
pub mod delivery_log;
pub mod inbound_url;
pub mod list;
pub mod replay;
mod replay_events;
pub mod rotate_secret;
pub mod test;
mod test_payload;
pub mod update;
pub mod webhook_count;
pub mod webhook_fields;
pub mod webhook_response;
