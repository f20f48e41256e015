//! The rate-limit headers of every response to a valid key (contract, General).

use lambda_http::http::HeaderValue;
use lambda_http::{Body, Response};

/// What a key's limit still allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Allowance {
    /// Requests a minute.
    pub limit: i64,
    /// Requests that would be allowed now.
    pub remaining: i64,
    /// When the full limit is available again, in seconds since the epoch.
    pub reset: i64,
}

impl Allowance {
    /// Adds `X-RateLimit-Limit`, `-Remaining` and `-Reset` to a response.
    pub fn write_to(self, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset));
    }
}
