//! What two functions need: the records and their tables, ids, time, keys, and the API's errors.
//!
//! Read `message` first: it is the record that every function works on.

pub mod account;
pub mod account_items;
pub mod account_key;
pub mod account_table;
pub mod api_error;
pub mod api_key;
pub mod authentication;
pub mod books;
pub mod cache;
pub mod change;
pub mod clock;
pub mod cloud;
pub mod conditional_write;
pub mod content;
pub mod customer_url;
pub mod delivery_log;
pub mod environment;
pub mod failure;
pub mod graph_error;
pub mod ids;
pub mod instance;
pub mod instances;
pub mod key_limit;
pub mod log;
pub mod master_keys;
pub mod message;
pub mod message_history;
pub mod message_table;
pub mod meter;
pub mod openapi;
pub mod outbound;
pub mod phone_number;
pub mod public_address;
pub mod queue;
pub mod rate_limit;
pub mod request_body;
pub mod reservation;
pub mod sealed;
pub mod state;
pub mod tag;
mod vetted_names;
pub mod webhook;
pub mod webhook_endpoint;
pub mod webhook_signature;
