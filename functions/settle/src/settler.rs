//! What settling needs: tables and queues.

use shared::aws::{AccountsTable, QueueReader};
use shared::contact::Contacts;
use shared::instance::InstanceCache;
use shared::ledger::{Ledger, WaitingSlots};
use shared::media::Bucket;
use shared::message::{DeliveryQueues, MessageRepository, Transitions, UnknownOutcomeQueue};
use shared::unread_callback::UnreadCallbacks;

use crate::batches::{FedPeople, NextRuns};
use crate::enqueued_lately::EnqueuedLately;
use crate::fed_messages::FedMessages;
use crate::operator_queues::OperatorQueues;

/// Settles what a crash or a wait left open.
pub struct Settler {
    /// The records.
    pub messages: MessageRepository,
    /// Changes their states.
    pub transitions: Transitions,
    /// Credits and reservations.
    pub ledger: Ledger,
    /// Books slots for messages that wait in the table.
    pub waiting_slots: WaitingSlots,
    /// The owners of numbers, and the batches.
    pub accounts: AccountsTable,
    /// The queue of attempts of unknown outcome.
    pub unknown_outcomes: UnknownOutcomeQueue,
    /// The queues of messages that wait to be sent.
    pub queues: DeliveryQueues,
    /// The dead letters of `deliver`.
    pub dead_letters: QueueReader,
    /// The queues of what only the operator can resolve.
    pub operator_queues: OperatorQueues,
    /// The instances that waiting messages leave from.
    pub instances: InstanceCache,
    /// What the feeder has enqueued.
    pub fed: FedMessages,
    /// The scheduled messages that were enqueued a moment ago.
    pub enqueued_lately: EnqueuedLately,
    /// The people of whom the feeder of batches has enqueued rows.
    pub fed_people: FedPeople,
    /// The runs of the feeder of batches that this process has scheduled.
    pub next_runs: NextRuns,
    /// The people of accounts that are closing.
    pub contacts: Contacts,
    /// The files of accounts that are closing.
    pub bucket: Bucket,
    /// Callbacks that could not be read.
    pub unread_callbacks: UnreadCallbacks,
}
