//! Asks `receive`, by its callback URL, to read a kept callback again.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect, retry};
use serde::Deserialize;

use super::replay_token::REPLAY_HEADER;
use crate::aws::{EnvironmentError, environment};
use crate::ids::CallbackId;

/// The longest wait for the answer: below `manage`'s timeout.
const REPLAY_TIMEOUT: Duration = Duration::from_secs(12);

/// Why a callback was not read again. It is still kept.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It does not exist: it was read before, or its time is over.
    #[error("there is no such callback")]
    NotFound,
    /// `receive` answered with an error, or not at all.
    #[error("receive: {0}")]
    Failed(String),
}

/// Asks `receive` to read callbacks again.
pub struct ReplayClient {
    http: Client,
    url: String,
}

#[derive(Deserialize)]
struct ReplayResponse {
    unread: usize,
}

impl ReplayClient {
    /// A client of the function whose URL `CALLBACK_URL` names.
    ///
    /// # Panics
    /// When this machine has no TLS configuration.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let http = Client::builder().redirect(redirect::Policy::none()).retry(retry::never()).no_proxy();
        let http = http.timeout(REPLAY_TIMEOUT).build().expect("a client without options of this machine");
        Ok(Self { http, url: environment::text("CALLBACK_URL")? })
    }

    /// Has a callback read again; `token` is the one for it. Returns how many of its updates are still unread; with 0 it is no longer kept.
    ///
    /// # Errors
    /// It does not exist, or could not be stored.
    pub async fn replay(&self, id: &CallbackId, token: &str) -> Result<usize, ReplayError> {
        let failed = |error: reqwest::Error| ReplayError::Failed(error.without_url().to_string());
        let request = self.http.post(&self.url).header(REPLAY_HEADER, token).body(id.to_string());
        let response = request.send().await.map_err(failed)?;
        match response.status() {
            StatusCode::OK => {
                let body = response.bytes().await.map_err(failed)?;
                let answer: Result<ReplayResponse, _> = serde_json::from_slice(&body);
                answer.map(|answer| answer.unread).map_err(|error| ReplayError::Failed(error.to_string()))
            }
            StatusCode::NOT_FOUND => Err(ReplayError::NotFound),
            status => Err(ReplayError::Failed(format!("status {status}"))),
        }
    }
}
