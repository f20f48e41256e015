//! The connection to WhatsApp: one POST, never repeated by the HTTP client.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::{Client, RequestBuilder, Response, header, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use shared::environment::{self, EnvironmentError};

use crate::asked;
use crate::outcome::Outcome;

/// The longest that WhatsApp's answer is waited for.
const ANSWER_TIME: Duration = Duration::from_secs(15);
/// How long a connection may take to stand.
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// After this time by the wall clock a connection is not used again: a frozen process does not see its peer hang up,
/// and the POST on a dead connection would be of unknown outcome.
const IDLE_TIME: Duration = Duration::from_secs(5);
/// The most of an answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// WhatsApp's Cloud API.
pub struct WhatsApp {
    /// Base address and version, such as `https://graph.facebook.com/v23.0`.
    base: String,
    /// The client whose connections are in use, and when it was last used.
    current: Mutex<(Client, SystemTime)>,
}

impl WhatsApp {
    /// The API that `WHATSAPP_URL` and `WHATSAPP_VERSION` name.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let base = format!("{}/{}", environment::text("WHATSAPP_URL")?, environment::text("WHATSAPP_VERSION")?);
        Ok(Self { base, current: Mutex::new((client(), SystemTime::now())) })
    }

    /// Posts a message from a number and tells what came of it, within `time`.
    pub async fn post(&self, number_id: &str, token: &SecretString, body: &Value, time: Duration) -> Outcome {
        let request = self
            .fresh_client()
            .post(format!("{}/{number_id}/messages", self.base))
            .bearer_auth(token.expose_secret())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .timeout(time.min(ANSWER_TIME));
        let outcome = outcome(request).await;
        self.lock().1 = SystemTime::now();
        outcome
    }

    /// A client none of whose connections has been idle for long.
    fn fresh_client(&self) -> Client {
        let mut current = self.lock();
        let idle = current.1.elapsed().unwrap_or(Duration::MAX);
        if idle > IDLE_TIME {
            current.0 = client();
        }
        current.1 = SystemTime::now();
        current.0.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Client, SystemTime)> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn client() -> Client {
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
        // Nothing of the request left before the connection stood.
        Err(error) if error.is_connect() || error.is_builder() => return Outcome::NotSent(reason(error)),
        Err(error) => return Outcome::Unknown(reason(error)),
    };
    let status = response.status().as_u16();
    let asked = asked::wait(response.headers());
    match read(response).await {
        Ok(body) => Outcome::of_answer(status, asked, &body),
        Err(error) => Outcome::Unknown(reason(error)),
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            body.truncate(MAX_ANSWER); // no longer JSON, so of unknown outcome
            break;
        }
    }
    Ok(body)
}

/// The error's causes without the URL, which names the customer's number.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        reason = format!("{reason}: {inner}");
        cause = inner.source();
    }
    reason
}
