//! A webhook that keeps the callbacks it is sent, and acknowledges them when the test says so.

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

/// The app's secret.
pub const SECRET: &str = "secret of the app";
/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The webhook.
pub struct Sink {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    /// The callbacks so far, acknowledged or not.
    callbacks: watch::Sender<Vec<Value>>,
    /// One permit for each answer that may be given.
    answers: Semaphore,
    /// How many callbacks are answered with an error first.
    errors: Semaphore,
}

impl Sink {
    /// A webhook that acknowledges at once.
    pub async fn start() -> Self {
        let answers = Semaphore::new(Semaphore::MAX_PERMITS);
        let inner = Arc::new(Inner { callbacks: watch::Sender::default(), answers, errors: Semaphore::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/", post(receive)).with_state(inner.clone());
        tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, inner }
    }

    /// From now on, callbacks wait for their answer.
    pub fn hold(&self) {
        self.inner.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Answers so many callbacks, those that wait first.
    pub fn answer(&self, count: usize) {
        self.inner.answers.add_permits(count);
    }

    /// Answers the next callbacks with an error.
    pub fn fail(&self, count: usize) {
        self.inner.errors.add_permits(count);
    }

    /// The callbacks so far.
    pub fn callbacks(&self) -> Vec<Value> {
        self.inner.callbacks.borrow().clone()
    }

    /// The callbacks once there are so many.
    pub async fn wait_for_callbacks(&self, count: usize) -> Vec<Value> {
        self.wait(|callbacks| callbacks.len() >= count).await
    }

    /// The statuses reported of a recipient's messages once there are so many.
    pub async fn wait_for_statuses(&self, recipient: &str, count: usize) -> Vec<Value> {
        of(recipient, &self.wait(|callbacks| of(recipient, callbacks).len() >= count).await)
    }

    /// The words among them so far.
    pub fn words(&self, recipient: &str) -> Vec<String> {
        words(&of(recipient, &self.callbacks()))
    }

    async fn wait(&self, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut callbacks = self.inner.callbacks.subscribe();
        let seen = tokio::time::timeout(PATIENCE, callbacks.wait_for(|callbacks| enough(callbacks))).await;
        seen.expect("the callbacks come in time").expect("the sink is there").clone()
    }
}

async fn receive(State(sink): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = headers["x-hub-signature-256"].to_str().expect("text");
    let tag = hex::decode(signature.strip_prefix("sha256=").expect("the scheme")).expect("hex");
    hmac::verify(&key, &body, &tag).expect("a callback is signed");
    let callback = serde_json::from_slice(&body).expect("JSON");
    sink.callbacks.send_modify(|callbacks| callbacks.push(callback));
    sink.answers.acquire().await.expect("never closed").forget();
    match sink.errors.try_acquire() {
        Ok(error) => {
            error.forget();
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Err(_) => StatusCode::OK,
    }
}

/// All statuses in a callback, in its order.
pub fn statuses(callback: &Value) -> Vec<Value> {
    let changes = callback["entry"][0]["changes"].as_array().expect("changes");
    changes.iter().flat_map(|change| change["value"]["statuses"].as_array().expect("statuses").clone()).collect()
}

/// The words of statuses.
pub fn words(statuses: &[Value]) -> Vec<String> {
    statuses.iter().map(|status| status["status"].as_str().expect("a word").to_owned()).collect()
}

fn of(recipient: &str, callbacks: &[Value]) -> Vec<Value> {
    callbacks.iter().flat_map(statuses).filter(|status| status["recipient_id"] == recipient).collect()
}
