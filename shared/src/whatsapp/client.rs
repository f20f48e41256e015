//! The HTTP client of WhatsApp's Cloud API. No call is ever repeated by it.

use std::error::Error;
use std::iter::successors;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use reqwest::{Client, RequestBuilder, Response, header, redirect, retry};
use secrecy::{ExposeSecret, SecretString};

use crate::aws::{EnvironmentError, environment};
use crate::mutex::lock;
use crate::whatsapp::requested_wait::requested_wait;
use crate::whatsapp::response::Outcome;

/// The longest wait for the response to a message.
const RESPONSE_TIME: Duration = Duration::from_secs(15);
/// The longest time that connecting may take.
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// A connection that was idle for longer by the wall clock is not used again: a frozen process does not notice that its
/// peer closed it, and a POST on a closed connection would be of unknown outcome.
const IDLE_TIME: Duration = Duration::from_secs(5);
/// The longest response that is read, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;

/// A client of WhatsApp's Cloud API.
pub struct WhatsAppClient {
    /// Base URL and version, such as `https://graph.facebook.com/v25.0`.
    base: String,
    /// The HTTP client whose connections are in use, and when it was last used; none before the first call.
    current: Mutex<Option<(Client, SystemTime)>>,
}

impl WhatsAppClient {
    /// A client of the API that `WHATSAPP_URL` and `WHATSAPP_VERSION` name.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let base = format!("{}/{}", environment::text("WHATSAPP_URL")?, environment::text("WHATSAPP_VERSION")?);
        Ok(Self { base, current: Mutex::default() })
    }

    /// Posts a message from a number, within `time`.
    pub async fn post_message(&self, number_id: &str, token: &SecretString, body: String, time: Duration) -> Outcome {
        let request = self
            .client()
            .post(self.url(&format!("{number_id}/messages")))
            .bearer_auth(token.expose_secret())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .timeout(time.min(RESPONSE_TIME));
        let outcome = outcome(request).await;
        if let Some((_, used_at)) = self.lock().as_mut() {
            *used_at = SystemTime::now();
        }
        outcome
    }

    /// The URL of a path below the API's version.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// An HTTP client none of whose connections was idle for long.
    pub(super) fn client(&self) -> Client {
        let mut current = self.lock();
        let is_fresh = |(_, used_at): &(Client, SystemTime)| used_at.elapsed().is_ok_and(|idle| idle <= IDLE_TIME);
        let client = current.take().filter(is_fresh).map_or_else(http_client, |(client, _)| client);
        *current = Some((client.clone(), SystemTime::now()));
        client
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Client, SystemTime)>> {
        lock(&self.current)
    }
}

fn http_client() -> Client {
    Client::builder()
        .http1_only()
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIME)
        .pool_idle_timeout(IDLE_TIME)
        .build()
        .expect("a client of fixed settings builds")
}

async fn outcome(request: RequestBuilder) -> Outcome {
    let response = match request.send().await {
        Ok(response) => response,
        // Nothing of the request was sent before the connection was established.
        Err(error) if error.is_connect() || error.is_builder() => return Outcome::NotSent(reason(error)),
        Err(error) => return unanswered(error),
    };
    let status = response.status().as_u16();
    let requested_wait = requested_wait(response.headers());
    match read(response).await {
        Ok(body) => Outcome::from_response(status, requested_wait, &body),
        Err(error) => unanswered(error),
    }
}

fn unanswered(error: reqwest::Error) -> Outcome {
    if error.is_timeout() { Outcome::NoAnswer(reason(error)) } else { Outcome::Unknown(reason(error)) }
}

async fn read(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_RESPONSE {
            body.truncate(MAX_RESPONSE); // no longer JSON, so of unknown outcome
            break;
        }
    }
    Ok(body)
}

/// The error's causes without the URL, which names the customer's number.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = successors(Some(&error as &dyn Error), |&cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
