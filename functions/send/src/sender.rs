//! What accepting a message needs: authentication, tables, queues and the preflight.

use std::time::Duration;

use shared::account::Authenticator;
use shared::aws::AccountsTable;
use shared::instance::InstanceCache;
use shared::ledger::{Charger, Ledger};
use shared::message::{DeliveryQueues, MessageRepository};
use shared::security::SecretCache;

use crate::idempotency::IdempotencyIds;
use crate::preflight::Preflight;

/// Accepts messages.
pub struct Sender {
    /// Authenticates callers.
    pub authenticator: Authenticator,
    /// The instances that messages leave from.
    pub instances: InstanceCache,
    /// The files that customers have uploaded.
    pub accounts: AccountsTable,
    /// The records.
    pub messages: MessageRepository,
    /// The queues of messages that wait to be sent.
    pub queues: DeliveryQueues,
    /// Checks files before they are charged for.
    pub preflight: Preflight,
    /// Charges accounts.
    pub charger: Charger,
    /// Refunds charges.
    pub ledger: Ledger,
    /// Derives ids from Idempotency-Keys.
    pub idempotency: SecretCache<IdempotencyIds>,
    /// How long records are kept.
    pub retention: Duration,
}
