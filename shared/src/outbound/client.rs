//! The HTTP client for addresses that customers give: webhooks and media. Only public addresses are ever dialed.
//!
//! An IP address in a URL is checked before the call, since the HTTP client does not resolve it; the addresses of a name
//! are checked where they are dialed (`resolver`). Both happen again for every call.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::{Client, Method, RequestBuilder, redirect, retry};

use crate::aws::{EnvironmentError, environment};
use crate::outbound::call_failure::causes;
use crate::outbound::customer_url::{CustomerUrl, Reach, UrlError};
use crate::outbound::resolver::{self, PublicResolver};

/// How long a connection may be idle before it is closed.
const IDLE_TIME: Duration = Duration::from_secs(5);
/// Allows loopback addresses. Only the local stack sets it.
const LOOPBACK_ENDPOINTS: &str = "LOOPBACK_ENDPOINTS";

/// Calls addresses that customers give.
pub struct OutboundClient {
    client: Client,
    reach: Reach,
}

impl OutboundClient {
    /// A client that reaches public addresses, and loopback where `LOOPBACK_ENDPOINTS` is `allow`.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let reach = match environment::optional(LOOPBACK_ENDPOINTS).as_deref() {
            None => Reach::Public,
            Some("allow") => Reach::PublicAndLoopback,
            Some(_) => return Err(EnvironmentError::Invalid(LOOPBACK_ENDPOINTS, "can only be allow".to_owned())),
        };
        Ok(Self::new(resolver::look_up, reach))
    }

    /// A client that reaches the addresses that `look_up` finds for a name, if all of them are within reach.
    pub fn new<L, F>(look_up: L, reach: Reach) -> Self
    where
        L: Fn(String) -> F + Send + Sync + 'static,
        F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self { client: http_client(PublicResolver { look_up, reach }), reach }
    }

    /// Checks a webhook's URL.
    pub fn check_webhook(&self, text: &str) -> Result<CustomerUrl, UrlError> {
        CustomerUrl::webhook(text, self.reach)
    }

    /// Checks a file's URL.
    pub fn check_media(&self, text: &str) -> Result<CustomerUrl, UrlError> {
        CustomerUrl::media(text, self.reach)
    }

    /// Checks a URL that is neither a webhook's nor a file's of a customer: by the rules of webhooks.
    pub fn check_https(&self, text: &str) -> Result<CustomerUrl, UrlError> {
        self.check_webhook(text)
    }

    /// A request, which follows no redirect and uses no proxy. The caller sets its timeout.
    pub fn request(&self, method: Method, url: &CustomerUrl) -> RequestBuilder {
        self.client.request(method, url.url().clone())
    }
}

/// Why the URL of a failed call was refused, if that was the cause.
pub fn refused_url(error: &reqwest::Error) -> Option<UrlError> {
    causes(error).find_map(|cause| cause.downcast_ref().copied())
}

fn http_client(names: impl Resolve + 'static) -> Client {
    Client::builder()
        .dns_resolver(names)
        .http1_only()
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .no_proxy()
        // Never decompress a response, even if another crate turns these features on.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .pool_idle_timeout(IDLE_TIME)
        .user_agent(concat!("Pombo/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("a client of fixed settings builds")
}

#[cfg(test)]
mod tests;
