//! Calls to addresses that customers give: webhooks and media files.
//!
//! No other module dials such an address, so that none that is not public is ever reached (promise 9).

mod call_failure;
pub mod client;
pub mod customer_url;
pub mod public_address;
mod resolver;

pub use call_failure::CallFailure;
pub use client::OutboundClient;
pub use customer_url::{CustomerUrl, Reach, UrlError};
