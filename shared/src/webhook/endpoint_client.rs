//! One attempt at a customer's endpoint: to public addresses only, bounded in time and size. Only 2xx is success.

use std::time::{Duration, Instant};

use lambda_http::http::header;
use reqwest::{Method, Response, StatusCode};

use crate::http::retry_after;
use crate::outbound::{CallFailure, OutboundClient, UrlError, client};
use crate::security::DecryptionError;
use crate::webhook::signature::SignatureHeaders;

/// The time for all of connecting, headers and body (contract: 5 seconds).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// The most of a response that is read, in bytes.
const MAX_RESPONSE: usize = 16 * 1024;
/// The most of it that is logged, in bytes.
const MAX_LOGGED: usize = 1024;

/// Calls customers' endpoints.
pub struct EndpointClient {
    outbound: OutboundClient,
}

/// The result of an attempt.
#[derive(Debug)]
pub struct AttemptResult {
    /// The response's status, if there was a response.
    pub status_code: Option<u16>,
    /// The attempt's duration in milliseconds.
    pub response_time: u64,
    /// The beginning of the response's body.
    pub response: Option<String>,
    /// How long the endpoint asks us to wait.
    pub retry_after: Option<Duration>,
    /// Why the attempt failed, if it did.
    pub error: Option<AttemptError>,
}

/// Why an attempt failed, in words for the customer.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// The endpoint did not answer 2xx.
    #[error("The endpoint answered {0}.")]
    Status(StatusCode),
    /// The URL may not be called; it is checked at every attempt.
    #[error("The URL {0}")]
    ForbiddenUrl(#[from] UrlError),
    /// The endpoint did not answer in time.
    #[error("The endpoint did not answer within 5 seconds.")]
    TimedOut,
    /// There was no answer.
    #[error(transparent)]
    NoAnswer(CallFailure),
    /// The secret cannot be decrypted: the deployment's keys have changed.
    #[error("The event could not be signed.")]
    Unsigned(#[from] DecryptionError),
}

impl AttemptResult {
    /// The result of an attempt that is not made.
    pub const fn none() -> Self {
        Self { status_code: None, response_time: 0, response: None, retry_after: None, error: None }
    }

    /// A failure without a response.
    pub fn without_response(error: AttemptError) -> Self {
        Self { error: Some(error), ..Self::none() }
    }
}

impl EndpointClient {
    /// A client that calls through `outbound`.
    pub const fn new(outbound: OutboundClient) -> Self {
        Self { outbound }
    }

    /// Checks whether a URL may be an endpoint.
    pub fn check(&self, url: &str) -> Result<(), UrlError> {
        self.outbound.check_webhook(url).map(drop)
    }

    /// Posts a signed body.
    pub async fn call(&self, url: &str, signature: &SignatureHeaders, body: &str) -> AttemptResult {
        let started = Instant::now();
        let result = self.post(url, signature, body).await.unwrap_or_else(AttemptResult::without_response);
        let response_time = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        AttemptResult { response_time, ..result }
    }

    async fn post(&self, url: &str, signature: &SignatureHeaders, body: &str) -> Result<AttemptResult, AttemptError> {
        let url = self.outbound.check_webhook(url)?;
        let request = self
            .outbound
            .request(Method::POST, &url)
            .timeout(ATTEMPT_TIMEOUT)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &signature.id)
            .header("webhook-timestamp", &signature.timestamp)
            .header("webhook-signature", &signature.standard)
            .header("x-enviaai-signature", &signature.envia_ai)
            .body(body.to_owned());
        let response = request.send().await.map_err(call_failed)?;
        let (status, retry_after) = (response.status(), retry_after::seconds(response.headers()));
        Ok(AttemptResult {
            status_code: Some(status.as_u16()),
            response_time: 0,
            response: Some(read(response).await?),
            retry_after,
            error: (!status.is_success()).then_some(AttemptError::Status(status)),
        })
    }
}

/// Reads a response as far as it matters and keeps its beginning.
async fn read(mut response: Response) -> Result<String, AttemptError> {
    let (mut read, mut kept) = (0, Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(call_failed)? {
        let room = MAX_LOGGED.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(&chunk[..room]);
        read += chunk.len();
        if read > MAX_RESPONSE {
            break; // the rest does not matter
        }
    }
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

/// Without the error's own text: it names the URL, in which a customer may have put a secret, or our network.
fn call_failed(error: reqwest::Error) -> AttemptError {
    match client::refused_url(&error) {
        Some(refused) => AttemptError::ForbiddenUrl(refused),
        None if error.is_timeout() => AttemptError::TimedOut,
        None => AttemptError::NoAnswer((&error).into()),
    }
}
