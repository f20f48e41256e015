//! The simulator's callbacks: WhatsApp's envelope, signed, and repeated until the answer is 200.
//!
//! A report is posted at once while few callbacks are under way; those that wait meanwhile go together, as Meta's do.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;
use reqwest::{Client, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use super::status_report::{StatusReport, envelope};
use crate::clock::Clock;

/// How often a callback that was not acknowledged is repeated. Meta goes on for seven days.
const REPEATS: u32 = 12;
/// How long an answer is waited for (whatsapp-cloud-api: Meta gives up after some seconds).
const TIME: Duration = Duration::from_secs(20);
/// The most callbacks under way at a time.
const SIDE_BY_SIDE: usize = 8;
/// The most statuses in one (whatsapp-cloud-api, Callbacks).
const MOST: usize = 1_000;

/// Where and how callbacks are made. Clones share what waits.
#[derive(Clone)]
pub struct Callbacks {
    client: Client,
    url: String,
    secret: hmac::Key,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// How many tasks are posting.
    posting: usize,
}

/// A report that was not acknowledged yet.
struct Waiting {
    report: StatusReport,
    /// How often it was posted.
    posted: u32,
    /// Who waits for the acknowledgement.
    done: oneshot::Sender<()>,
}

impl Callbacks {
    /// Callbacks to an address, signed with an app's secret.
    pub fn new(url: String, app_secret: &SecretString) -> Self {
        let client = Client::builder().no_proxy().timeout(TIME).build().expect("a client of fixed settings builds");
        let secret = hmac::Key::new(hmac::HMAC_SHA256, app_secret.expose_secret().as_bytes());
        Self { client, url, secret, queue: Arc::default() }
    }

    /// Reports a status and returns once it is acknowledged, or given up.
    pub async fn report(&self, report: &StatusReport, clock: &Clock) {
        let (done, acknowledged) = oneshot::channel();
        self.add([Waiting { report: report.clone(), posted: 0, done }], clock);
        drop(acknowledged.await);
    }

    /// Posts a body with its signature; nothing when there was no answer.
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

    fn add(&self, reports: impl IntoIterator<Item = Waiting>, clock: &Clock) {
        let mut queue = self.lock();
        queue.waiting.extend(reports);
        if queue.posting < SIDE_BY_SIDE {
            queue.posting += 1;
            tokio::spawn(self.clone().post_all(clock.clone()));
        }
    }

    /// Posts until nothing waits.
    async fn post_all(self, clock: Clock) {
        while let Some(batch) = self.next_batch() {
            let body = envelope(batch.iter().map(|waiting| &waiting.report)).to_string();
            if self.post(&body).await == Some(StatusCode::OK) {
                for waiting in batch {
                    let _ = waiting.done.send(()); // nobody need be waiting any more
                }
            } else {
                self.repeat(batch, &clock);
            }
        }
    }

    fn next_batch(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.lock();
        let count = queue.waiting.len().min(MOST);
        if count == 0 {
            queue.posting -= 1; // under the same lock as the look, so that nothing is added unseen
            return None;
        }
        Some(queue.waiting.drain(..count).collect())
    }

    /// Puts reports back after a while, in which others may be posted.
    fn repeat(&self, mut batch: Vec<Waiting>, clock: &Clock) {
        batch.retain_mut(|waiting| {
            waiting.posted += 1;
            if waiting.posted == REPEATS {
                eprintln!("the simulator: {} was not acknowledged after {REPEATS} callbacks", waiting.report.wamid());
            }
            waiting.posted < REPEATS
        });
        let Some(posted) = batch.iter().map(|waiting| waiting.posted).max() else { return };
        let (callbacks, clock) = (self.clone(), clock.clone());
        let at = clock.now() + (250 << (posted - 1));
        tokio::spawn(async move {
            clock.sleep_until(at).await;
            callbacks.add(batch, &clock);
        });
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
