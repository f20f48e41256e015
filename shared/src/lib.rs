//! What several functions use: records and their tables, credits and limits, WhatsApp's API, webhooks, and the HTTP API's parts.
//!
//! Modules are in layers, and imports point downward only (`.ci/structure` checks it):
//!
//! | layer | modules |
//! |---|---|
//! | 11 | [`closing`]: the end of accounts |
//! | 10 | [`listener`]: those who watch events live |
//! | 9 | [`webhook`]: events to customers' endpoints |
//! | 8 | [`account`]: customers, their API keys, who is calling |
//! | 7 | [`instance`]: the WhatsApp numbers that accounts send from; [`media`]: files that accounts upload; [`batch`]: messages that one request sends to many; [`unread_callback`] |
//! | 6 | [`whatsapp`]: the Cloud API: client, error codes, callbacks; [`contact`]: which aliases are one person |
//! | 5 | [`message`]: the record of a message and every write that changes its state |
//! | 4 | [`ledger`]: credits, limits and send slots |
//! | 3 | [`security`], [`observability`], [`outbound`] |
//! | 2 | [`http`]: the parts of our own API |
//! | 1 | [`aws`]: tables, queues, configuration |
//! | 0 | [`ids`], [`clock`], [`phone_number`], [`provider_ids`], [`user_id`], [`alias`], [`canonical_json`], [`json_text`], [`cache`], [`event`], [`jitter`], [`lease`], [`mutex`], [`text`] |
//!
//! Read [`message::record`] first: every function works on it.

use mimalloc::MiMalloc;

pub mod account;
pub mod alias;
pub mod aws;
pub mod batch;
pub mod bounded_map;
pub mod cache;
pub mod canonical_json;
pub mod clock;
pub mod closing;
pub mod contact;
pub mod event;
pub mod http;
pub mod ids;
pub mod instance;
pub mod jitter;
pub mod json_text;
pub mod lease;
pub mod ledger;
pub mod listener;
pub mod media;
pub mod message;
pub mod mutex;
pub mod observability;
pub mod outbound;
pub mod phone_number;
pub mod provider_ids;
pub mod security;
pub mod text;
pub mod unread_callback;
pub mod user_id;
pub mod webhook;
pub mod whatsapp;

/// The allocator of every function: the AWS SDK makes many small things for each call, and glibc's `malloc` took a
/// seventh of the functions' processor time (docs/adr/0019).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
