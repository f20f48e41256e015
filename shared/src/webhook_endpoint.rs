//! One call of a customer's endpoint: to public addresses only, bounded in time and size, and only 2xx is success.

use std::time::{Duration, Instant};

use lambda_http::http::header;
use reqwest::{Method, Response, StatusCode};

use crate::customer_url::Refused;
use crate::outbound::{self, Outbound};
use crate::retry_after;
use crate::sealed::CannotOpen;
use crate::webhook_signature::SignatureHeaders;

/// The time for all of connecting, headers and body (contract: 5 seconds).
const TIME: Duration = Duration::from_secs(5);
/// The most of an answer that is read, in bytes.
const MAX_ANSWER: usize = 16 * 1024;
/// The most of it that stands in the log, in bytes.
const MAX_KEPT: usize = 1024;

/// Calls endpoints.
pub struct Endpoints {
    outbound: Outbound,
}

/// What came of a call.
#[derive(Debug)]
pub struct Delivered {
    /// What the endpoint answered, if it answered.
    pub status_code: Option<u16>,
    /// Milliseconds that it took.
    pub response_time: u64,
    /// The first of what it said, as text.
    pub response: Option<String>,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Why it did not take the event, if it did not.
    pub error: Option<NotTaken>,
}

/// What an endpoint answered.
struct Answered {
    status: StatusCode,
    response: String,
    retry_after: Option<Duration>,
}

/// Why an endpoint did not take an event, in words that a customer may read.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It answered, but not 2xx.
    #[error("answered {0}")]
    Answer(StatusCode),
    /// It is not called: its URL is checked again at every attempt.
    #[error("its URL {0}")]
    Refused(#[from] Refused),
    /// It did not answer in time.
    #[error("did not answer within 5 seconds")]
    Late,
    /// It could not be reached, or broke off.
    #[error("could not be called")]
    Call,
    /// Its secret can't be opened: the deployment's keys have changed.
    #[error("could not be signed for")]
    Unsigned(#[from] CannotOpen),
}

impl Delivered {
    /// An endpoint that was not even called.
    pub const fn not_called(error: NotTaken) -> Self {
        Self { status_code: None, response_time: 0, response: None, retry_after: None, error: Some(error) }
    }
}

impl Endpoints {
    /// A caller of customers' addresses.
    pub const fn new(outbound: Outbound) -> Self {
        Self { outbound }
    }

    /// Whether a URL may be an endpoint at all.
    pub fn check(&self, url: &str) -> Result<(), Refused> {
        self.outbound.check_webhook(url).map(drop)
    }

    /// Posts a signed body.
    pub async fn call(&self, url: &str, signature: &SignatureHeaders, body: &str) -> Delivered {
        let begun = Instant::now();
        let answered = self.post(url, signature, body).await;
        let response_time = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        match answered {
            Ok(Answered { status, response, retry_after }) => Delivered {
                status_code: Some(status.as_u16()),
                response_time,
                response: Some(response),
                retry_after,
                error: (!status.is_success()).then_some(NotTaken::Answer(status)),
            },
            Err(error) => Delivered { response_time, ..Delivered::not_called(error) },
        }
    }

    async fn post(&self, url: &str, signature: &SignatureHeaders, body: &str) -> Result<Answered, NotTaken> {
        let url = self.outbound.check_webhook(url)?;
        let request = self
            .outbound
            .request(Method::POST, &url)
            .timeout(TIME)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &signature.id)
            .header("webhook-timestamp", &signature.timestamp)
            .header("webhook-signature", &signature.standard)
            .header("x-enviaai-signature", &signature.envia_ai)
            .body(body.to_owned());
        let response = request.send().await.map_err(call_failed)?;
        let (status, retry_after) = (response.status(), retry_after::seconds(response.headers()));
        Ok(Answered { status, response: read(response).await?, retry_after })
    }
}

/// Reads an answer as far as it matters, inside the time, and keeps its beginning.
async fn read(mut response: Response) -> Result<String, NotTaken> {
    let (mut read, mut kept) = (0, Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(call_failed)? {
        let room = MAX_KEPT.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(&chunk[..room]);
        read += chunk.len();
        if read > MAX_ANSWER {
            break; // what it says beyond this does not matter
        }
    }
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

/// Without the error's own words: they name the URL, into which a customer may have put a secret, or our network.
fn call_failed(error: reqwest::Error) -> NotTaken {
    match outbound::refusal(&error) {
        Some(refused) => NotTaken::Refused(refused),
        None if error.is_timeout() => NotTaken::Late,
        None => NotTaken::Call,
    }
}
