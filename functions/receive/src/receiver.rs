//! What the processing of callbacks needs: tables, keys and secrets.

use std::time::Duration;

use secrecy::SecretString;
use shared::account::InboundQuota;
use shared::aws::AccountsTable;
use shared::cache::Cache;
use shared::contact::Contacts;
use shared::message::{MessageRepository, Transitions};
use shared::security::SecretCipher;
use shared::unread_callback::{ReplayTokens, UnreadCallbacks};
use shared::whatsapp::{AppSecret, CallbackTagger};

use crate::business_numbers::BusinessNumbers;
use crate::callback_liveness::CallbackLiveness;
use crate::number_owners::NumberOwners;

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
    /// Verifies the tags.
    pub tagger: CallbackTagger,
    /// Verifies callbacks of the deployment's Meta app.
    pub app_secret: AppSecret,
    /// Decrypts the secrets of numbers' own Meta apps.
    pub cipher: SecretCipher,
    /// The owners of numbers.
    pub number_owners: NumberOwners,
    /// The numbers that were noted as being in use in WhatsApp's app as well.
    pub shared_with_app: Cache<String, ()>,
    /// The numbers of business accounts.
    pub business_numbers: BusinessNumbers,
    /// What could not be read.
    pub unread: UnreadCallbacks,
    /// Checks that a replay comes from `manage`.
    pub replay_tokens: ReplayTokens,
    /// Limits what accounts receive.
    pub quota: InboundQuota,
    /// Notes which numbers' callbacks arrive.
    pub liveness: CallbackLiveness,
    /// How long inbound messages are kept.
    pub retention: Duration,
    /// Proves to Meta that this URL is ours.
    pub verify_token: SecretString,
}
