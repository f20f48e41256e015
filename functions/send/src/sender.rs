//! What accepting a message needs: authentication, tables, queues and the preflight.

use std::time::Duration;

use shared::account::Authenticator;
use shared::aws::AccountsTable;
use shared::contact::Contacts;
use shared::instance::InstanceCache;
use shared::ledger::{Charger, Ledger};
use shared::message::{DeliveryQueues, MessageRepository};
use shared::security::SecretCache;

use crate::idempotency_ids::IdempotencyIds;
use crate::preflight::Preflight;
use crate::template_copies::TemplateCopies;

/// Accepts messages.
pub struct Sender {
    /// Authenticates callers.
    pub authenticator: Authenticator,
    /// The instances that messages leave from.
    pub instances: InstanceCache,
    /// The owners of numbers, and the files that customers have uploaded.
    pub accounts: AccountsTable,
    /// What recipients did.
    pub contacts: Contacts,
    /// The records.
    pub messages: MessageRepository,
    /// The queues of messages that wait to be sent.
    pub queues: DeliveryQueues,
    /// Checks files before they are charged for.
    pub preflight: Preflight,
    /// The templates that accounts send.
    pub templates: TemplateCopies,
    /// Charges accounts.
    pub charger: Charger,
    /// Refunds charges.
    pub ledger: Ledger,
    /// Derives ids from Idempotency-Keys.
    pub idempotency: SecretCache<IdempotencyIds>,
    /// How long records are kept.
    pub retention: Duration,
}
