//! Messages that are queued and not claimed: their failures, and their wait in the table.

use super::failure_group_commit::FailureWrite;
use super::writes::{PUBLISHES, Transitions, set_failed};
use crate::aws::{ConditionalWrite, TableError, UpdateBuilder};
use crate::clock;
use crate::ids::{AccountId, MessageId};
use crate::ledger::SendSlots;
use crate::message::failure::{Failure, FailureCode};
use crate::message::queued_message::QueuedMessage;
use crate::message::record::Message;
use crate::message::record_keys::bulk_key;
use crate::message::state::State;
use crate::message::waiting_place::{DUE, WAITS, WaitingPlace};

impl Transitions {
    /// Fails a queued message and refunds its credit. Refused when a process has claimed it.
    pub async fn fail_queued(&self, queued: &QueuedMessage, failure: &Failure) -> Result<FailureWrite, TableError> {
        let of_request = Self::of_request(UpdateBuilder::new(), queued.nonce.as_deref());
        self.fail_when(of_request, (&queued.account_id, &queued.message_id), failure).await
    }

    /// Fails a queued message whose `expiresIn` is over: its record's, which a repeat of its request may have inserted anew since whatever
    /// asks for this was enqueued. `nonce` is that of the request, if it is known.
    pub async fn expire(
        &self,
        (account, id): (&AccountId, &MessageId),
        nonce: Option<&str>,
    ) -> Result<FailureWrite, TableError> {
        let expired = Failure::new(FailureCode::Expired, "The message was not sent within its `expiresIn`.");
        let is_over = Self::of_request(UpdateBuilder::new().when_at_most("deadline", clock::now()), nonce);
        self.fail_when(is_over, (account, id), &expired).await
    }

    async fn fail_when(
        &self,
        condition: UpdateBuilder,
        (account, id): (&AccountId, &MessageId),
        failure: &Failure,
    ) -> Result<FailureWrite, TableError> {
        let written = self.write_failure(condition, (account, id), failure).await?;
        if written.is_applied() {
            tracing::info!(message_id = %id, code = ?failure.code, "message.failed");
        }
        Ok(written)
    }

    /// Cancels a queued message for its customer.
    pub async fn cancel(&self, account: &AccountId, id: &MessageId) -> Result<FailureWrite, TableError> {
        let canceled = Failure::new(FailureCode::Canceled, "The message was cancelled.");
        let written = self.write_failure(UpdateBuilder::new(), (account, id), &canceled).await?;
        if written.is_applied() {
            tracing::info!(message_id = %id, "message.canceled");
        }
        Ok(written)
    }

    /// Whether a message will not be sent any more. A queued one is cancelled for that.
    pub async fn end_queued(&self, message: &Message) -> Result<bool, TableError> {
        let status = match message.status {
            State::Queued => match self.cancel(&message.account_id, &message.id).await? {
                // Nothing is there when another erasure was faster.
                ConditionalWrite::Applied(()) | ConditionalWrite::Refused(None) => return Ok(true),
                ConditionalWrite::Refused(Some(existing)) => existing.status,
            },
            status => status,
        };
        Ok(!status.may_be_sent())
    }

    /// Puts a queued message into the table, where the feeder finds it. Refused when it was claimed or has ended.
    pub async fn wait_in_table(
        &self,
        queued: &QueuedMessage,
        place: &WaitingPlace,
    ) -> Result<ConditionalWrite<Box<Message>>, TableError> {
        let waits = UpdateBuilder::new().set(WAITS, &place.shard).set(DUE, &place.due).remove(PUBLISHES);
        let waits = Self::of_request(waits.when_equal("rank", State::Queued.rank()), queued.nonce.as_deref());
        let written = self.messages.update(&queued.message_id, waits).await?;
        if written.is_applied() {
            tracing::debug!(message_id = %queued.message_id, "message.waiting");
        }
        Ok(written)
    }

    /// Moves a message that waits in the table into the bulk lane, and its place in the table to its slot there. `false` when it was
    /// claimed, has ended, or was moved since it was read.
    pub async fn enter_bulk_lane(
        &self,
        message: &Message,
        slots: SendSlots,
        place: &WaitingPlace,
    ) -> Result<bool, TableError> {
        let key = bulk_key(&message.instance_id, slots, &message.id);
        let entered = UpdateBuilder::new().set("bulk", key).set("slot", message.slot).remove(PUBLISHES);
        let entered = entered.set(WAITS, &place.shard).set(DUE, &place.due);
        let entered = entered.when_equal("rank", State::Queued.rank()).when_equal(DUE, &message.due);
        let is_applied = self.messages.update(&message.id, entered).await?.is_applied();
        if is_applied {
            tracing::debug!(message_id = %message.id, "message.entered_bulk_lane");
        }
        Ok(is_applied)
    }

    async fn write_failure(
        &self,
        condition: UpdateBuilder,
        (account, id): (&AccountId, &MessageId),
        failure: &Failure,
    ) -> Result<FailureWrite, TableError> {
        let now = clock::now();
        let failed = set_failed(condition, (account, id), State::Failed, failure, now);
        self.fail_and_refund(account, id, failed.when_equal("rank", State::Queued.rank()), now).await
    }
}
