//! Accounts, their API keys, who is calling, what is in progress, and what was done already (the items `account`, `key_…`, `key#…`,
//! `inbound#…`, `running#…`, `creations` and `repeat#…`).
//!
//! What of an account's item says that it is closing is written by [`closing`](crate::closing).
//! The quotas of what an account receives are the items `limit#inbound` and `limit#callbacks#…`. Keys are kept as hashes; no other module reads or writes them.

pub mod api_key;
pub mod authentication;
pub mod concurrency_limit;
pub mod creations;
pub mod daily_quota;
pub mod inbound_url;
pub mod plan;
pub mod quota;
pub mod record;
pub mod repeatable_request;
pub mod repository;

pub use api_key::{ApiKey, KeyHash, KeyListing, Scope};
pub use authentication::{Authenticator, Caller};
pub use concurrency_limit::{Admission, ConcurrencyLimit, Operation};
pub use daily_quota::DailyQuota;
pub use inbound_url::InboundUrlListing;
pub use plan::Plan;
pub use quota::Quota;
pub use record::{Account, AccountClosing, ClosedAccount};
pub use repository::AccountChanges;
