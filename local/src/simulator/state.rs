//! The simulator's state, which its handlers share.

use std::sync::Arc;

use super::callback_sender::CallbackSender;
use super::ledger::{AcceptedMessage, Ledger};
use super::media::MediaStore;
use super::message_templates::MessageTemplates;
use super::status_report::StatusReport;
use super::throughput::ThroughputLimiter;
use crate::clock::Clock;

/// A WhatsApp simulator. Clones share their state.
#[derive(Clone)]
pub struct Simulator {
    pub(super) ledger: Arc<Ledger>,
    pub(super) throughput: Arc<ThroughputLimiter>,
    pub(super) templates: Arc<MessageTemplates>,
    pub(super) media: Arc<MediaStore>,
    pub(super) callbacks: CallbackSender,
    pub(super) clock: Clock,
}

impl Simulator {
    /// A simulator that has accepted no message.
    pub fn new(callbacks: CallbackSender, clock: Clock) -> Self {
        let (ledger, throughput, templates, media) = Default::default();
        Self { ledger, throughput, templates, media, callbacks, clock }
    }

    /// The requests and the accepted messages so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Sends an extra status callback for an accepted message, and returns when it is acknowledged.
    pub async fn report(&self, message: &AcceptedMessage, status: &str) {
        self.callbacks.send(&StatusReport::new(message, status, self.clock.now()), &self.clock).await;
    }
}
