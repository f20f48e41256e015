//! What the processing of callbacks needs: tables and secrets.

use std::time::Duration;

use shared::account::DailyQuota;
use shared::aws::AccountsTable;
use shared::cache::Cache;
use shared::contact::Contacts;
use shared::message::{MessageRepository, Transitions};
use shared::security::SecretCache;
use shared::unread_callback::UnreadCallbacks;

use crate::business_numbers::BusinessNumbers;
use crate::callback_liveness::CallbackLiveness;
use crate::number_owners::NumberOwners;
use crate::own_app_limit::OwnAppLimit;
use crate::received_files::ReceivedFiles;
use crate::secrets::ReceiveSecrets;

/// What is stored or read concurrently of one callback.
pub const MAX_CONCURRENCY: usize = 32;

/// Processes callbacks.
pub struct Receiver {
    /// The records.
    pub messages: MessageRepository,
    /// Changes their states.
    pub transitions: Transitions,
    /// The table with the instances, for disconnects and pauses.
    pub accounts: AccountsTable,
    /// The aliases of people.
    pub contacts: Contacts,
    /// Its secrets.
    pub secrets: SecretCache<ReceiveSecrets>,
    /// The owners of numbers.
    pub number_owners: NumberOwners,
    /// The numbers that were noted as being in use in WhatsApp's app as well.
    pub shared_with_app: Cache<String, ()>,
    /// The numbers of business accounts.
    pub business_numbers: BusinessNumbers,
    /// Files of received messages.
    pub files: ReceivedFiles,
    /// What could not be read.
    pub unread: UnreadCallbacks,
    /// Limits what accounts receive.
    pub quota: DailyQuota,
    /// Limits what customers' own apps report.
    pub own_apps: OwnAppLimit,
    /// Notes which numbers' callbacks arrive.
    pub liveness: CallbackLiveness,
    /// How long inbound messages are kept.
    pub retention: Duration,
}
