//! Sends status callbacks: signed, and repeated until the response is 200.
//!
//! A status is posted at once while few callbacks are in progress; statuses that wait are posted together, as Meta does.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use reqwest::{Client, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use super::status_report::{StatusReport, callback_body};
use crate::clock::Clock;
use shared::mutex::lock;

/// How often a callback is attempted: for six days. Meta continues for seven.
const MAX_ATTEMPTS: u32 = 22;
/// The timeout of a callback (whatsapp-cloud-api: Meta's is some seconds).
const TIMEOUT: Duration = Duration::from_secs(20);
/// The most concurrent callbacks.
const MAX_CONCURRENCY: usize = 8;
/// The most statuses of a callback (whatsapp-cloud-api, Callbacks).
const MAX_BATCH: usize = 1_000;

/// Sends callbacks to one URL. Clones share the queue.
#[derive(Clone)]
pub struct CallbackSender {
    client: Client,
    url: String,
    secret: hmac::Key,
    queue: Arc<Mutex<Queue>>,
    is_silent: Arc<AtomicBool>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<QueuedReport>,
    /// How many tasks post callbacks.
    workers: usize,
}

/// A status that is not acknowledged yet.
struct QueuedReport {
    report: StatusReport,
    attempts: u32,
    acknowledged: oneshot::Sender<()>,
}

impl CallbackSender {
    /// Sends callbacks to a URL, signed with an app secret.
    pub fn new(url: String, app_secret: &SecretString) -> Self {
        let client = Client::builder().no_proxy().timeout(TIMEOUT).build().expect("a client of fixed settings builds");
        let (queue, is_silent) = Default::default();
        Self { client, url, secret: hmac_key(app_secret), queue, is_silent }
    }

    /// Sends no statuses from now on.
    pub fn silence(&self) {
        self.is_silent.store(true, Ordering::Relaxed);
    }

    /// Sends a status, and returns when it is acknowledged or was attempted for the last time.
    pub async fn send(&self, report: &StatusReport, clock: &Clock) {
        if self.is_silent.load(Ordering::Relaxed) {
            return;
        }
        let (acknowledged, result) = oneshot::channel();
        self.add([QueuedReport { report: report.clone(), attempts: 0, acknowledged }], clock);
        drop(result.await);
    }

    /// The same for another app, which signs with its own secret.
    pub fn with_secret(&self, app_secret: &SecretString) -> Self {
        Self { secret: hmac_key(app_secret), ..self.clone() }
    }

    /// Sends a callback, and returns the status of the response to the first attempt; none if there was no response. One that
    /// is not acknowledged is repeated meanwhile.
    pub async fn send_whole(&self, body: String, clock: &Clock) -> Option<u16> {
        self.send_whole_then(body, clock, || {}).await
    }

    /// The same, and calls a function once the callback is acknowledged.
    pub async fn send_whole_then(
        &self,
        body: String,
        clock: &Clock,
        acknowledged: impl FnOnce() + Send + 'static,
    ) -> Option<u16> {
        let status = self.post(&body).await;
        if status == Some(StatusCode::OK) {
            acknowledged();
        } else {
            tokio::spawn(self.clone().repeat(body, clock.clone(), acknowledged));
        }
        status.map(|status| status.as_u16())
    }

    async fn repeat(self, body: String, clock: Clock, acknowledged: impl FnOnce()) {
        for attempts in 1..MAX_ATTEMPTS {
            clock.sleep_until(clock.now() + backoff(attempts)).await;
            if self.post(&body).await == Some(StatusCode::OK) {
                return acknowledged();
            }
        }
        eprintln!("simulator: a callback was not acknowledged after {MAX_ATTEMPTS} attempts");
    }

    /// Posts a signed body; none when there was no response.
    pub async fn post(&self, body: &str) -> Option<StatusCode> {
        let signature = hex::encode(hmac::sign(&self.secret, body.as_bytes()));
        let request = self
            .client
            .post(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-hub-signature-256", format!("sha256={signature}"))
            .body(body.to_owned());
        request.send().await.ok().map(|response| response.status())
    }

    fn add(&self, reports: impl IntoIterator<Item = QueuedReport>, clock: &Clock) {
        let mut queue = lock(&self.queue);
        queue.waiting.extend(reports);
        if queue.workers < MAX_CONCURRENCY {
            queue.workers += 1;
            tokio::spawn(self.clone().post_all(clock.clone()));
        }
    }

    /// Posts callbacks until the queue is empty.
    async fn post_all(self, clock: Clock) {
        while let Some(batch) = self.next_batch() {
            let body = callback_body(batch.iter().map(|queued| &queued.report)).to_string();
            if self.post(&body).await == Some(StatusCode::OK) {
                for queued in batch {
                    let _ = queued.acknowledged.send(()); // the caller may have stopped waiting
                }
            } else {
                self.retry_later(batch, &clock);
            }
        }
    }

    fn next_batch(&self) -> Option<Vec<QueuedReport>> {
        let mut queue = lock(&self.queue);
        let count = queue.waiting.len().min(MAX_BATCH);
        if count == 0 {
            queue.workers -= 1; // under the same lock as the check, so that no status is added unnoticed
            return None;
        }
        Some(queue.waiting.drain(..count).collect())
    }

    /// Puts statuses back into the queue after a backoff; others are posted meanwhile.
    fn retry_later(&self, mut batch: Vec<QueuedReport>, clock: &Clock) {
        batch.retain_mut(|queued| {
            queued.attempts += 1;
            if queued.attempts == MAX_ATTEMPTS {
                let wamid = queued.report.wamid();
                eprintln!("simulator: a status of {wamid} was not acknowledged after {MAX_ATTEMPTS} callbacks");
            }
            queued.attempts < MAX_ATTEMPTS
        });
        let Some(attempts) = batch.iter().map(|queued| queued.attempts).max() else { return };
        let (callbacks, clock) = (self.clone(), clock.clone());
        let at = clock.now() + backoff(attempts);
        tokio::spawn(async move {
            clock.sleep_until(at).await;
            callbacks.add(batch, &clock);
        });
    }
}

fn hmac_key(app_secret: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, app_secret.expose_secret().as_bytes())
}

/// How long after so many attempts the next one is made, in milliseconds.
const fn backoff(attempts: u32) -> i64 {
    250 << (attempts - 1)
}
