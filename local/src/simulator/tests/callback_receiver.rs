//! A callback URL that records the callbacks and acknowledges them when the test says so.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

pub const SECRET: &str = "secret of the app";
/// Far longer than any expected wait.
const TIMEOUT: Duration = Duration::from_secs(20);

pub struct CallbackReceiver {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    /// All callbacks so far, acknowledged or not.
    callbacks: watch::Sender<Vec<Value>>,
    /// A permit for each response that may be sent.
    responses: Semaphore,
    /// A permit for each callback that is answered with an error.
    errors: Semaphore,
}

impl CallbackReceiver {
    /// A receiver that acknowledges at once.
    pub async fn start() -> Self {
        let responses = Semaphore::new(Semaphore::MAX_PERMITS);
        let inner = Arc::new(Inner { callbacks: watch::Sender::default(), responses, errors: Semaphore::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/", post(receive)).with_state(inner.clone());
        tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, inner }
    }

    /// Holds back all responses from now on.
    pub fn hold_responses(&self) {
        self.inner.responses.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Releases this many responses, oldest first.
    pub fn release_responses(&self, count: usize) {
        self.inner.responses.add_permits(count);
    }

    /// Answers the next callbacks with an error.
    pub fn fail_next(&self, count: usize) {
        self.inner.errors.add_permits(count);
    }

    pub fn callbacks(&self) -> Vec<Value> {
        self.inner.callbacks.borrow().clone()
    }

    /// Waits until there are this many callbacks.
    pub async fn wait_for_callbacks(&self, count: usize) -> Vec<Value> {
        self.wait(|callbacks| callbacks.len() >= count).await
    }

    /// Waits until there are this many statuses of a recipient's messages.
    pub async fn wait_for_statuses(&self, recipient: &str, count: usize) -> Vec<Value> {
        statuses_of(recipient, &self.wait(|callbacks| statuses_of(recipient, callbacks).len() >= count).await)
    }

    /// The names of a recipient's statuses so far.
    pub fn status_names(&self, recipient: &str) -> Vec<String> {
        status_names(&statuses_of(recipient, &self.callbacks()))
    }

    async fn wait(&self, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut callbacks = self.inner.callbacks.subscribe();
        let seen = tokio::time::timeout(TIMEOUT, callbacks.wait_for(|callbacks| enough(callbacks))).await;
        seen.expect("the callbacks come in time").expect("the receiver is there").clone()
    }
}

async fn receive(State(receiver): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = headers["x-hub-signature-256"].to_str().expect("text");
    let tag = hex::decode(signature.strip_prefix("sha256=").expect("the scheme")).expect("hex");
    hmac::verify(&key, &body, &tag).expect("a callback is signed");
    let callback = serde_json::from_slice(&body).expect("JSON");
    receiver.callbacks.send_modify(|callbacks| callbacks.push(callback));
    receiver.responses.acquire().await.expect("never closed").forget();
    match receiver.errors.try_acquire() {
        Ok(error) => {
            error.forget();
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Err(_) => StatusCode::OK,
    }
}

/// The statuses of a callback, in order.
pub fn statuses(callback: &Value) -> Vec<Value> {
    let changes = callback["entry"][0]["changes"].as_array().expect("changes");
    changes.iter().flat_map(|change| change["value"]["statuses"].as_array().cloned().unwrap_or_default()).collect()
}

pub fn status_names(statuses: &[Value]) -> Vec<String> {
    statuses.iter().map(|status| status["status"].as_str().expect("a name").to_owned()).collect()
}

fn statuses_of(recipient: &str, callbacks: &[Value]) -> Vec<Value> {
    callbacks.iter().flat_map(statuses).filter(|status| status["recipient_id"] == recipient).collect()
}
