//! Calls to addresses that customers give, webhooks and media: only public addresses are ever dialled.
//!
//! An address that a URL spells out is checked before the call, since the HTTP client asks no resolver for it; those of
//! a name are checked where they are dialled (`vetted_names`). Both happen anew for every call.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::{Client, Method, RequestBuilder, redirect, retry};

use crate::customer_url::{CustomerUrl, Reach, Refused};
use crate::environment::{self, EnvironmentError};
use crate::vetted_names::{self, VettedNames};

/// How long a connection may be idle before it is let go.
const IDLE_TIME: Duration = Duration::from_secs(5);
/// Lets customers' addresses be on this machine. The laptop's stack sets it; no template may.
const LOOPBACK_ENDPOINTS: &str = "LOOPBACK_ENDPOINTS";

/// Calls customers' addresses.
pub struct Outbound {
    client: Client,
    reach: Reach,
}

impl Outbound {
    /// Reaches public addresses, and this machine's own where `LOOPBACK_ENDPOINTS` is `allow`.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let reach = match environment::optional(LOOPBACK_ENDPOINTS).as_deref() {
            None => Reach::Public,
            Some("allow") => Reach::PublicAndLoopback,
            Some(_) => return Err(EnvironmentError::Invalid(LOOPBACK_ENDPOINTS, "can only be allow".to_owned())),
        };
        Ok(Self::new(vetted_names::look_up, reach))
    }

    /// Reaches the addresses that `look_up` finds for a name, if all of them are within reach.
    pub fn new<L, F>(look_up: L, reach: Reach) -> Self
    where
        L: Fn(String) -> F + Send + Sync + 'static,
        F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self { client: client(VettedNames::new(look_up, reach)), reach }
    }

    /// A webhook that may be called.
    pub fn check_webhook(&self, text: &str) -> Result<CustomerUrl, Refused> {
        CustomerUrl::webhook(text, self.reach)
    }

    /// A file that may be asked for.
    pub fn check_media(&self, text: &str) -> Result<CustomerUrl, Refused> {
        CustomerUrl::media(text, self.reach)
    }

    /// A call. It follows no redirect and uses no proxy; how long it may take is for the caller to say.
    pub fn request(&self, method: Method, url: &CustomerUrl) -> RequestBuilder {
        self.client.request(method, url.url().clone())
    }
}

/// Why the address of a call that failed was refused, if that is what it failed of.
pub fn refusal(error: &reqwest::Error) -> Option<Refused> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref() {
            return Some(*refused);
        }
        cause = error.source();
    }
    None
}

fn client(names: impl Resolve + 'static) -> Client {
    Client::builder()
        .dns_resolver(names)
        .http1_only()
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .no_proxy()
        // Never unpack an answer, not even when some other crate turns these features on.
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
