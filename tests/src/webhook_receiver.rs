//! A customer's webhook endpoint that records its calls and answers as the test says.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use shared::mutex::lock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::wait::eventually;

/// A webhook call as it came in.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as bytes.
    pub body: Bytes,
    /// Its body, parsed.
    pub json: Value,
    /// When it was received.
    pub at: Instant,
    /// The status that it was answered with; none while it is held or when its caller has given up.
    pub answered: Option<StatusCode>,
}

impl Call {
    /// The event's name.
    pub fn event(&self) -> &str {
        self.json["event"].as_str().unwrap_or_default()
    }

    /// The message that it is about.
    pub fn message_id(&self) -> &str {
        self.json["data"]["messageId"].as_str().unwrap_or_default()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A webhook endpoint. Dropping it stops it.
pub struct WebhookReceiver {
    /// Where it listens.
    pub url: String,
    /// The secret that signs its events.
    pub secret: SecretString,
    inbox: Arc<Inbox>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Inbox {
    calls: Mutex<Vec<Call>>,
    /// The status and `Retry-After` of the next answers; 200 when it is empty.
    answers: Mutex<VecDeque<(StatusCode, Option<u64>)>>,
    /// Whether answers are held back.
    held: watch::Sender<bool>,
    /// Whether answers repeat the call's body.
    echoes: AtomicBool,
}

impl WebhookReceiver {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/webhook", listener.local_addr().expect("an address"));
        let secret = SecretString::from(format!("whs_{}", hex::encode(shared::ids::random::<16>())));
        let inbox = Arc::new(Inbox::default());
        let router = Router::new().route("/webhook", post(take)).with_state(inbox.clone());
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, secret, inbox, server }
    }

    /// Answers the next calls with these.
    pub fn answer_with(&self, answers: impl IntoIterator<Item = StatusCode>) {
        lock(&self.inbox.answers).extend(answers.into_iter().map(|status| (status, None)));
    }

    /// Answers the next calls with 503 and a `Retry-After` of this many seconds.
    pub fn answer_retry_after(&self, calls: usize, seconds: u64) {
        let answer = (StatusCode::SERVICE_UNAVAILABLE, Some(seconds));
        lock(&self.inbox.answers).extend(std::iter::repeat_n(answer, calls));
    }

    /// Holds back the answers to all calls until it is released.
    pub fn hold(&self) {
        self.inbox.held.send_replace(true);
    }

    /// Repeats the body of each later call in its answer.
    pub fn echo(&self) {
        self.inbox.echoes.store(true, Ordering::Relaxed);
    }

    /// Answers the calls that are held back, and all later ones.
    pub fn release(&self) {
        self.inbox.held.send_replace(false);
    }

    /// Answers all later calls with 200.
    pub fn recover(&self) {
        lock(&self.inbox.answers).clear();
    }

    /// Waits until there were this many calls, and returns them.
    pub async fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        eventually(&format!("{count} calls"), || async { Some(self.calls()).filter(|calls| calls.len() >= count) })
            .await
    }

    /// How many calls there were so far.
    pub fn count(&self) -> usize {
        lock(&self.inbox.calls).len()
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.inbox.calls).clone()
    }

    /// The calls about one message.
    pub fn calls_about(&self, message_id: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.message_id() == message_id).collect()
    }

    /// The events about one message without repeats, as a receiver has them that deduplicates by event id. An event is
    /// repeated when a test moves the clock past the timeout of a call in progress.
    pub fn events_about(&self, message_id: &str) -> Vec<Call> {
        let mut seen = BTreeSet::new();
        let calls = self.calls_about(message_id).into_iter();
        calls.filter(|call| seen.insert(call.header("webhook-id").to_owned())).collect()
    }

    /// Waits for an event of a message.
    pub async fn wait_for(&self, message_id: &str, event: &str) -> Call {
        let find = || self.calls_about(message_id).into_iter().find(|call| call.event() == event);
        eventually(&format!("{event} of {message_id}"), || async { find() }).await
    }

    /// Waits for the three events of a message that was read, in any order.
    ///
    /// # Panics
    /// When there are others.
    pub async fn wait_until_read(&self, message_id: &str) {
        for event in ["message.sent", "message.delivered", "message.read"] {
            self.wait_for(message_id, event).await;
        }
        assert_eq!(self.events_about(message_id).len(), 3, "{message_id}");
    }

    /// Whether both signatures of a call are valid. The published library verifies its own; when the test has moved the
    /// clock, which the library does not follow, its signature is computed again and compared.
    pub fn verifies(&self, call: &Call) -> bool {
        call.is_signed_with(&self.secret)
    }
}

impl Call {
    /// Whether both signatures are valid, by this secret. While a secret is being rotated there are several of the second
    /// kind.
    pub fn is_signed_with(&self, secret: &SecretString) -> bool {
        use aws_lc_rs::hmac;
        let (call, secret) = (self, secret.expose_secret().as_bytes());
        let standard = standardwebhooks::Webhook::from_bytes(secret.to_vec()).expect("a secret");
        let timestamp: i64 = call.header("webhook-timestamp").parse().unwrap_or_default();
        let again = standard.sign(call.header("webhook-id"), timestamp, &call.body).unwrap_or_default();
        let standard = standard.verify(&call.body, &call.headers).is_ok()
            || call.header("webhook-signature").split(' ').any(|signature| signature == again);
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &call.body);
        standard && call.header("x-enviaai-signature") == format!("sha256={}", hex::encode(own))
    }
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap, Bytes) {
    let echo = if inbox.echoes.load(Ordering::Relaxed) { body.clone() } else { Bytes::new() };
    let json = serde_json::from_slice(&body).unwrap_or_default();
    let place = {
        let mut calls = lock(&inbox.calls);
        calls.push(Call { headers, body, json, at: Instant::now(), answered: None });
        calls.len() - 1
    };
    drop(inbox.held.subscribe().wait_for(|held| !held).await);
    let (status, wait) = lock(&inbox.answers).pop_front().unwrap_or((StatusCode::OK, None));
    lock(&inbox.calls)[place].answered = Some(status);
    let headers = wait.map(|seconds| (header::RETRY_AFTER, seconds.into()));
    (status, headers.into_iter().collect(), echo)
}
