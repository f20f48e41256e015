//! One call of the API. It is repeated only where that cannot do anything twice, as the clients for customers do.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

/// Of one attempt.
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_RETRIES: u32 = 3;
/// The first wait, unless the API names one; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// A longer wait is left to whoever runs the command.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A call: what the API is asked.
#[derive(Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The segments of the path after `/v1`.
    pub path: Vec<String>,
    /// The parameters.
    pub query: Vec<(&'static str, String)>,
    /// The body, if it has one.
    pub body: Option<Value>,
    /// The header of that name. With it, a repeated call does nothing twice.
    pub idempotency_key: Option<String>,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The API refused it.
    #[error(
        "{message} ({code}{}, {request_id}{})",
        .field.as_ref().map(|field| format!(", field `{field}`")).unwrap_or_default(),
        .retry_after.map(|seconds| format!("; it may succeed in {seconds} seconds")).unwrap_or_default()
    )]
    Refused {
        /// The API's code.
        code: String,
        /// The API's sentence.
        message: String,
        /// The field that it is about.
        field: Option<String>,
        /// The request in the API's logs.
        request_id: String,
        /// Seconds after which it may succeed.
        retry_after: Option<u64>,
    },
    /// An answer that is not the API's.
    #[error("the answer with status {0} is not one of the API: is the address right?")]
    NotTheApi(StatusCode),
    /// No answer from an address, and why.
    #[error("no answer from the API at {0}: {1}")]
    NoAnswer(String, String),
}

/// The API at an address, with a key.
pub struct Api<'a> {
    client: Client,
    url: Url,
    key: &'a SecretString,
}

/// What became of an attempt.
enum Attempt {
    Answered(Value),
    Failed { error: CallError, is_undone: bool, wait: Option<Duration> },
}

impl<'a> Api<'a> {
    /// # Panics
    /// When the TLS library cannot start.
    pub fn new(url: Url, key: &'a SecretString) -> Self {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none()) // would make a GET of a POST
            .user_agent(concat!("pombo-cli/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("the TLS library starts");
        Self { client, url, key }
    }

    /// The API's answer; `null` where it has no body.
    pub async fn call(&self, call: &Call) -> Result<Value, CallError> {
        let is_repeatable =
            call.idempotency_key.is_some() || call.method != Method::POST && call.method != Method::PATCH;
        let mut retries = 0;
        loop {
            let (error, is_undone, wait) = match self.attempt(call).await {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Failed { error, is_undone, wait } => (error, is_undone, wait),
            };
            let wait = wait.unwrap_or(FIRST_WAIT * 2_u32.pow(retries));
            if retries == MAX_RETRIES || wait > LONGEST_WAIT || !(is_undone || is_repeatable && error.is_unknown()) {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
            retries += 1;
        }
    }

    async fn attempt(&self, call: &Call) -> Attempt {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = self.client.request(call.method.clone(), url).bearer_auth(self.key.expose_secret());
        if let Some(body) = &call.body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        match request.send().await {
            Ok(response) => self.read(response).await,
            Err(error) => self.unknown(&error),
        }
    }

    async fn read(&self, response: Response) -> Attempt {
        let status = response.status();
        let wait = response.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let text = match response.text().await {
            Ok(text) => text,
            Err(error) => return self.unknown(&error),
        };
        if status == StatusCode::NO_CONTENT {
            return Attempt::Answered(Value::Null);
        }
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() && answer["success"] == true {
            return Attempt::Answered(answer);
        }
        let error = refusal(&answer, wait).unwrap_or(CallError::NotTheApi(status));
        let is_undone = status == StatusCode::TOO_MANY_REQUESTS
            || matches!(&error, CallError::Refused { code, .. } if code == "service_unavailable" || code == "idempotency_in_progress");
        Attempt::Failed { error, is_undone, wait: wait.map(Duration::from_secs) }
    }

    fn unknown(&self, error: &reqwest::Error) -> Attempt {
        // The deepest cause says what happened. The address is shown without a password that it may have.
        let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
        let reason = causes.last().map(ToString::to_string).unwrap_or_default();
        let address = format!("{}{}", self.url.origin().ascii_serialization(), self.url.path());
        let error = CallError::NoAnswer(address.trim_end_matches('/').to_owned(), reason);
        Attempt::Failed { error, is_undone: false, wait: None }
    }
}

impl CallError {
    /// Whether the same call may succeed a while later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NoAnswer(..) => true,
            Self::NotTheApi(status) => status.is_server_error(),
            Self::Refused { code, .. } => {
                ["internal_error", "service_unavailable", "rate_limit_exceeded"].contains(&code.as_str())
            }
        }
    }

    /// Whether the call may have been carried out, or another one with its Idempotency-Key is.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::NoAnswer(..) => true,
            Self::NotTheApi(status) => status.is_server_error(),
            Self::Refused { code, .. } => code == "internal_error" || code == "idempotency_in_progress",
        }
    }
}

fn refusal(answer: &Value, retry_after: Option<u64>) -> Option<CallError> {
    let text = |name: &str| answer["error"][name].as_str().map(str::to_owned);
    Some(CallError::Refused {
        code: text("code")?,
        message: text("message")?,
        field: text("field"),
        request_id: text("requestId").unwrap_or_default(),
        retry_after,
    })
}
