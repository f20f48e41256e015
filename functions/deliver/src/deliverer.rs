//! What a delivery needs: tables, queues, WhatsApp and keys.

use std::time::Duration;

use shared::aws::AccountsTable;
use shared::clock::Timestamp;
use shared::contact::Contacts;
use shared::instance::InstanceCache;
use shared::ledger::LateSlots;
use shared::message::{DeliveryQueues, MessageRepository, Transitions, UnknownOutcomeQueue};
use shared::security::{SecretCache, SecretCipher};
use shared::whatsapp::{CallbackTagger, WhatsAppClient};

use crate::posts_in_progress::PostsInProgress;
use crate::slot_waits::SlotWaits;

/// The wait for what nobody knows the end of.
pub const SOON: Duration = Duration::from_secs(2);

/// Delivers messages.
pub struct Deliverer {
    /// The records.
    pub messages: MessageRepository,
    /// Changes their states.
    pub transitions: Transitions,
    /// The table with the instances, for disconnects and pauses.
    pub accounts: AccountsTable,
    /// The instances that messages leave from.
    pub instances: InstanceCache,
    /// The queues that messages come from.
    pub queues: DeliveryQueues,
    /// Books new slots for messages that missed theirs.
    pub late_slots: LateSlots,
    /// The queue for attempts of unknown outcome.
    pub unknown_outcomes: UnknownOutcomeQueue,
    /// WhatsApp.
    pub whatsapp: WhatsAppClient,
    /// The calls to it that are in progress.
    pub posts: PostsInProgress,
    /// The messages that wait for their slots.
    pub slot_waits: SlotWaits,
    /// Its secrets.
    pub secrets: SecretCache<DeliverySecrets>,
    /// The aliases of recipients.
    pub contacts: Contacts,
}

impl Deliverer {
    /// Whether a message of this invocation waits for WhatsApp or for its slot, so that others would wait behind it.
    pub fn waits(&self) -> bool {
        self.posts.any_hangs() || self.slot_waits.any()
    }
}

/// The secrets of `deliver`.
pub struct DeliverySecrets {
    /// Decrypts the numbers' tokens.
    pub cipher: SecretCipher,
    /// Signs the tags that callbacks bring back.
    pub tagger: CallbackTagger,
}

/// What happens to a queue message.
#[derive(Debug)]
pub enum Next {
    /// It is deleted from the queue.
    Done,
    /// It is received again after this time.
    Later(Duration),
    /// It is attempted again in this slot.
    InSlot(Timestamp),
    /// It waits in the table until this time, behind an earlier message of its conversation.
    Behind(Timestamp),
    /// It is received again after this time, and later the more often it was received: nobody knows how often it has to wait.
    Backoff(Duration),
}

impl Next {
    /// It waits for a table, a queue, another message, or a number that does not answer.
    pub const SOON: Self = Self::Backoff(SOON);
}
