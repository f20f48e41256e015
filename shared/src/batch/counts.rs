//! How far the messages of a batch have come: counted from their records when somebody looks, so that no message costs a write
//! for it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::aws::TableError;
use crate::batch::record::Batch;
use crate::clock::Timestamp;
use crate::message::state::SCHEDULED;
use crate::message::{MAX_PAGE, Message, MessageRepository};

/// Messages of a batch by their status.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
pub struct BatchCounts {
    /// Those before the batch's `sendAt`.
    pub scheduled: u16,
    /// Those that wait to be sent.
    pub queued: u16,
    /// Those that WhatsApp has accepted.
    pub sent: u16,
    /// Those that are on the phone.
    pub delivered: u16,
    /// Those that were opened.
    pub read: u16,
    /// Those that failed or were cancelled.
    pub failed: u16,
}

/// What the records of a batch say.
#[derive(Clone, Copy, Debug, Default)]
pub struct BatchProgress {
    /// Its messages by their status.
    pub counts: BatchCounts,
    /// When the first was sent.
    pub first_sent_at: Option<Timestamp>,
    /// When the last was sent, so far.
    pub last_sent_at: Option<Timestamp>,
}

impl BatchProgress {
    /// Reads the records of a batch, eventually consistent: half a read unit each.
    pub async fn read(batch: &Batch, messages: &MessageRepository, now: Timestamp) -> Result<Self, TableError> {
        let mut progress = Self::default();
        for ids in batch.message_ids().chunks(MAX_PAGE) {
            progress.add_all(&messages.get_batch_without_content_eventually(ids).await?, now);
        }
        Ok(progress)
    }

    /// Adds what these records say.
    pub fn add_all(&mut self, messages: &[Message], now: Timestamp) {
        messages.iter().for_each(|message| self.add(message, now));
    }

    fn add(&mut self, message: &Message, now: Timestamp) {
        let counts = &mut self.counts;
        let count = match message.public_status(now) {
            SCHEDULED => &mut counts.scheduled,
            "queued" => &mut counts.queued,
            "sent" => &mut counts.sent,
            "delivered" => &mut counts.delivered,
            "read" => &mut counts.read,
            _ => &mut counts.failed,
        };
        *count += 1;
        if let Some(sent_at) = message.sent_at {
            self.first_sent_at = Some(self.first_sent_at.map_or(sent_at, |first| first.min(sent_at)));
            self.last_sent_at = self.last_sent_at.max(Some(sent_at));
        }
    }
}
