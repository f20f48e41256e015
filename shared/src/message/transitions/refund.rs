//! The writes that go with a credit: a failure refunds it, and a recovery charges it again.
//!
//! The attribute `refunded` of the record guards that a credit is given back exactly once (promise 3): a failure is written with its refund
//! only where it is absent, and sets it; a recovery only where it is present, and removes it.

use super::failure_group_commit::FailureWrite;
use super::writes::Transitions;
use crate::aws::{ConditionalWrite, RefusedWrite, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};
use crate::message::late_events::{is_listed, unless_listed};
use crate::message::record::Message;
use crate::message::state::{MessageEvent, State};
use crate::observability::{Metric, metrics};

/// The attribute that says that a message's credit was refunded.
pub(super) const REFUNDED: &str = "refunded";

impl Transitions {
    /// Writes a failure at `at` and refunds the message's credit. A late one is listed, as any event.
    pub(super) async fn fail_and_refund(
        &self,
        account: &AccountId,
        id: &MessageId,
        failed: UpdateBuilder,
        at: Timestamp,
    ) -> Result<FailureWrite, TableError> {
        let failed = failed.set(REFUNDED, true).when_absent(REFUNDED);
        match self.write_failure_and_refund(account, id, unless_listed(failed.clone(), at)).await? {
            ConditionalWrite::Refused(Some(message)) if is_listed(&message, at) => {
                self.list_if_late(&message, at).await?;
                self.write_failure_and_refund(account, id, failed).await
            }
            written => Ok(written),
        }
    }

    async fn write_failure_and_refund(
        &self,
        account: &AccountId,
        id: &MessageId,
        failed: UpdateBuilder,
    ) -> Result<FailureWrite, TableError> {
        self.failures.write(account, id, failed).await
    }

    /// Advances a message that failed as `from` and that WhatsApp sent or delivered after all, and charges it again. Where
    /// the failure only said that nothing was reported, it is removed; one that WhatsApp reported has happened, and keeps its
    /// time. `false` when the record has changed.
    pub(super) async fn recover(
        &self,
        message: &Message,
        from: State,
        advanced: UpdateBuilder,
    ) -> Result<bool, TableError> {
        let recovered = advanced.remove(REFUNDED).when_present(REFUNDED).when_equal("status", from);
        let recovered = match from {
            State::Unconfirmed => recovered.remove(MessageEvent::Failed.time_attribute()).remove("error"),
            _ => recovered,
        };
        let recharge = self.ledger.recharge(&message.account_id, &message.id);
        let written = self.messages.update_with_credit([(&message.id, recovered.clone())], recharge).await?;
        let is_recovered = match written {
            ConditionalWrite::Refused(RefusedWrite { position: 0, .. }) => false,
            ConditionalWrite::Applied(()) => true,
            // The account has no ledger any more.
            ConditionalWrite::Refused(_) => self.messages.update(&message.id, recovered).await?.is_applied(),
        };
        if is_recovered {
            metrics::count(Metric::MessagesRecovered);
            tracing::warn!(message_id = %message.id, attempt = message.attempt, "message.recovered");
        }
        Ok(is_recovered)
    }
}
