//! The parts of transitions: states, failures and events in an update, and events that are late. The writes that go with a credit are in
//! `refund`.

use super::failure_group_commit::FailureGroupCommit;
use crate::aws::{AccountsTable, ConditionalWrite, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};
use crate::ledger::Ledger;
use crate::message::failed_index::{FAILED, failed_key};
use crate::message::failure::Failure;
use crate::message::late_events::{is_listed, unless_listed};
use crate::message::record::Message;
use crate::message::repository::MessageRepository;
use crate::message::state::{MessageEvent, State};
use crate::message::waiting_place::{DUE, WAITS};

/// The attribute that lets a write through the stream's filter, so that `notify` publishes the event.
pub(super) const PUBLISHES: &str = "ev";

/// The attribute with the time at which a message was accepted.
const CREATED_AT: &str = "createdAt";

/// Changes the states of messages.
#[derive(Clone, Debug)]
pub struct Transitions {
    pub(super) messages: MessageRepository,
    accounts: AccountsTable,
    pub(super) ledger: Ledger,
    pub(super) failures: FailureGroupCommit,
}

impl Transitions {
    /// Changes the states of the messages in this table, whose credits are in that one.
    pub fn new(messages: MessageRepository, accounts: AccountsTable) -> Self {
        let ledger = Ledger::new(accounts.clone());
        Self { failures: FailureGroupCommit::new(messages.clone(), ledger.clone()), messages, accounts, ledger }
    }

    /// Lists an event of `message` that is written next, if it is late.
    pub(super) async fn list_if_late(&self, message: &Message, at: Timestamp) -> Result<(), TableError> {
        if is_listed(message, at) {
            self.accounts.list_late_event(message, at).await?;
        }
        Ok(())
    }

    /// Requires the record to be that of a request, if it is known.
    pub(super) fn of_request(update: UpdateBuilder, nonce: Option<&str>) -> UpdateBuilder {
        match nonce {
            Some(nonce) => update.when_equal("nonce", nonce),
            None => update,
        }
    }

    /// Updates a record with an event at `at`, which is listed if it is late. Only the record says whether it is: the first
    /// attempt assumes that it is not, which costs nothing.
    pub(super) async fn update_with_event(
        &self,
        id: &MessageId,
        update: UpdateBuilder,
        at: Timestamp,
    ) -> Result<ConditionalWrite<Box<Message>>, TableError> {
        match self.messages.update(id, unless_listed(update.clone(), at)).await? {
            ConditionalWrite::Refused(Some(message)) if is_listed(&message, at) => {
                self.list_if_late(&message, at).await?;
                self.messages.update(id, update).await
            }
            written => Ok(written),
        }
    }
}

/// Sets a state, with the rank that conditions compare. The message no longer waits in the table, one that may have left
/// is no longer in the bulk lane, and one that has not failed is no longer in the index of those.
pub(super) fn set_state(update: UpdateBuilder, state: State) -> UpdateBuilder {
    let update = update.set("status", state).set("rank", state.rank()).remove(WAITS).remove(DUE);
    let update = if state.is_failed() { update } else { update.remove(FAILED) };
    if matches!(state, State::Queued | State::Sending) { update } else { update.remove("bulk") }
}

/// Sets a state that publishes nothing.
pub(super) fn set_silent_state(update: UpdateBuilder, state: State) -> UpdateBuilder {
    set_state(update, state).remove(PUBLISHES)
}

/// Sets a state, its time and its failure, and enters the message into the index of failed ones.
pub(super) fn set_failed(
    update: UpdateBuilder,
    (account, id): (&AccountId, &MessageId),
    state: State,
    failure: &Failure,
    at: Timestamp,
) -> UpdateBuilder {
    let update = set_state(update, state).set(MessageEvent::Failed.time_attribute(), at).set("error", failure);
    update.set(FAILED, failed_key(account, id)).set(PUBLISHES, MessageEvent::Failed)
}

/// Requires that an event at a time is in the order of the message's events, as [`Message::time_of_report`] says.
pub(super) fn in_order(update: UpdateBuilder, event: MessageEvent, at: Timestamp) -> UpdateBuilder {
    let update = update.when_at_most(CREATED_AT, at);
    let before = event.preceded_by().iter().map(|event| event.time_attribute());
    let update = before.fold(update, |update, attribute| update.when_absent_or_at_most(attribute, at));
    let after = event.followed_by().iter().map(|event| event.time_attribute());
    after.fold(update, |update, attribute| update.when_absent_or_at_least(attribute, at))
}

/// Sets the time of an event and publishes it.
pub(super) fn set_event(update: UpdateBuilder, event: MessageEvent, at: Timestamp) -> UpdateBuilder {
    update.set(event.time_attribute(), at).set(PUBLISHES, event)
}
