//! What handlers share: tables, queues, clients and keys.

use std::time::Duration;

use shared::account::DailyQuota;
use shared::aws::AccountsTable;
use shared::batch::BatchProgress;
use shared::cache::Cache;
use shared::clock::Timestamp;
use shared::contact::Contacts;
use shared::ids::BatchId;
use shared::ledger::{Ledger, WaitingSlots};
use shared::media::{Bucket, MediaBounds, MediaQueue};
use shared::message::{MessageRepository, Transitions};
use shared::security::SecretCache;
use shared::unread_callback::{ReplayClient, UnreadCallbacks};
use shared::webhook::{EndpointClient, WebhookQueue};
use shared::whatsapp::WhatsAppClient;

use crate::account_bounds::AccountBounds;
use crate::secrets::ManageSecrets;
use crate::webhooks::webhook_count::MaxWebhooks;

/// The state of a `manage` process.
pub struct AppState {
    /// The table of accounts.
    pub accounts: AccountsTable,
    /// Accounts' credits.
    pub ledger: Ledger,
    /// The room of instances' batches.
    pub waiting_slots: WaitingSlots,
    /// The table of messages.
    pub messages: MessageRepository,
    /// What this process has just counted of large batches, by when they ended.
    pub batch_counts: Cache<(BatchId, Option<Timestamp>), BatchProgress>,
    /// Which aliases are one person.
    pub contacts: Contacts,
    /// Changes of messages' states.
    pub transitions: Transitions,
    /// Its secrets.
    pub secrets: SecretCache<ManageSecrets>,
    /// Calls WhatsApp.
    pub whatsapp: WhatsAppClient,
    /// Calls webhooks.
    pub endpoints: EndpointClient,
    /// The queue of replayed events.
    pub webhook_queue: WebhookQueue,
    /// How many events accounts may replay.
    pub replay_quota: DailyQuota,
    /// The bucket of files.
    pub bucket: Bucket,
    /// The queue of files that are to be moved.
    pub media_queue: MediaQueue,
    /// How much an account may upload.
    pub media_bounds: MediaBounds,
    /// Callbacks that could not be read.
    pub unread_callbacks: UnreadCallbacks,
    /// Has them read again.
    pub callback_replays: ReplayClient,
    /// How long logs and replays are kept.
    pub retention: Duration,
    /// How much an account may have.
    pub bounds: AccountBounds,
    /// The most webhooks of an account, and of an instance.
    pub max_webhooks: MaxWebhooks,
}
