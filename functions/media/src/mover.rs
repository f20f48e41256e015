//! What moving files needs: the table, the bucket, the queue, WhatsApp and keys.

use shared::aws::AccountsTable;
use shared::instance::InstanceCache;
use shared::media::{Bucket, MediaQueue, ReceivedBounds};
use shared::message::MessageRepository;
use shared::outbound::OutboundClient;
use shared::security::{SecretCache, SecretCipher};
use shared::whatsapp::WhatsAppClient;

/// Moves files.
pub struct Mover {
    /// The records of files, and the outbox of events.
    pub accounts: AccountsTable,
    /// The records of messages, whose files are fetched.
    pub messages: MessageRepository,
    /// Calls the hosts of received files.
    pub outbound: OutboundClient,
    /// The instances whose files they are.
    pub instances: InstanceCache,
    /// The bucket.
    pub bucket: Bucket,
    /// The most that an account keeps of received files.
    pub received_bounds: ReceivedBounds,
    /// The queue of jobs.
    pub queue: MediaQueue,
    /// WhatsApp.
    pub whatsapp: WhatsAppClient,
    /// Decrypts the numbers' tokens.
    pub cipher: SecretCache<SecretCipher>,
}
