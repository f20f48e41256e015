//! The simulator's state, which its handlers share.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use super::callback_sender::CallbackSender;
use super::file_store::FileStore;
use super::ledger::{AcceptedMessage, Ledger};
use super::message_templates::MessageTemplates;
use super::numbers::Numbers;
use super::people::registry::People;
use super::service_window::ServiceWindow;
use super::status_report::StatusReport;
use super::throughput::ThroughputLimiter;
use crate::clock::Clock;

/// A WhatsApp simulator. Clones share their state.
#[derive(Clone)]
pub struct Simulator {
    pub(super) ledger: Arc<Ledger>,
    pub(super) throughput: Arc<ThroughputLimiter>,
    pub(super) templates: Arc<MessageTemplates>,
    pub(super) files: Arc<FileStore>,
    pub(super) people: Arc<People>,
    pub(super) numbers: Arc<Numbers>,
    pub(super) window: ServiceWindow,
    base_url: Arc<OnceLock<String>>,
    pub(super) callbacks: CallbackSender,
    pub(super) clock: Clock,
}

impl Simulator {
    /// A simulator that has accepted no message.
    pub fn new(callbacks: CallbackSender, clock: Clock, window: ServiceWindow) -> Self {
        let (ledger, throughput, templates) = Default::default();
        let (files, people, numbers, base_url) = Default::default();
        Self { ledger, throughput, templates, files, people, numbers, window, base_url, callbacks, clock }
    }

    /// The simulator's own URL, without a trailing slash; empty before it is served.
    pub(super) fn base_url(&self) -> &str {
        self.base_url.get().map_or("", String::as_str)
    }

    /// Notes the address at which it is served.
    pub(super) fn served_at(&self, address: SocketAddr) {
        self.base_url.get_or_init(|| format!("http://{address}"));
    }

    /// Lets phones find a number before it has sent anything.
    pub fn add_number(&self, id: &str) {
        self.numbers.note(id);
    }

    /// The requests and the accepted messages so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The limits of numbers' throughput.
    pub fn throughput(&self) -> &ThroughputLimiter {
        &self.throughput
    }

    /// What sends callbacks.
    pub fn callbacks(&self) -> &CallbackSender {
        &self.callbacks
    }

    /// The files that people have sent, and that businesses have uploaded.
    pub fn files(&self) -> &FileStore {
        &self.files
    }

    /// Sends an extra status callback for an accepted message, and returns when it is acknowledged.
    pub async fn report(&self, message: &AcceptedMessage, status: &str) {
        self.callbacks.send(&StatusReport::new(message, status, self.clock.now()), &self.clock).await;
    }
}
