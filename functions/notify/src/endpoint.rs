//! One call of a customer's endpoint: bounded in time and size, and only 2xx is success.

use std::time::Duration;

use reqwest::{Client, StatusCode, header, redirect, retry};

use crate::signature::SignatureHeaders;

/// The time for all of connecting, headers and body (contract: 5 seconds).
const TIME: Duration = Duration::from_secs(5);
/// The most of an answer that is read, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// Calls endpoints.
pub struct Endpoints {
    client: Client,
}

/// Why an endpoint did not take an event.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It answered, but not 2xx.
    #[error("answered {0}")]
    Answer(StatusCode),
    /// It could not be reached, or did not answer in time.
    #[error("{0}")]
    Call(String),
}

impl Endpoints {
    /// A caller that follows no redirects and uses no proxy.
    pub fn new() -> Self {
        let client = Client::builder()
            .retry(retry::never())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(TIME)
            .user_agent(concat!("Pombo/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("a client of fixed settings builds");
        Self { client }
    }

    /// Posts a signed body.
    pub async fn call(&self, url: &str, signature: &SignatureHeaders, body: &str) -> Result<(), NotTaken> {
        let request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &signature.id)
            .header("webhook-timestamp", &signature.timestamp)
            .header("webhook-signature", &signature.standard)
            .header("x-enviaai-signature", &signature.envia_ai)
            .body(body.to_owned());
        let mut response = request.send().await.map_err(call_failed)?;
        let mut read = 0;
        while let Some(chunk) = response.chunk().await.map_err(call_failed)? {
            read += chunk.len();
            if read > MAX_ANSWER {
                break; // what it says beyond this does not matter
            }
        }
        if response.status().is_success() { Ok(()) } else { Err(NotTaken::Answer(response.status())) }
    }
}

/// Without the URL: a customer may have put a secret into it.
fn call_failed(error: reqwest::Error) -> NotTaken {
    let reason = if error.is_timeout() { "no answer in time" } else { "could not be called" };
    NotTaken::Call(format!("{reason}: {}", error.without_url()))
}
