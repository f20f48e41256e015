//! Attempts of unknown outcome: after their wait without a callback they are given up, until WhatsApp reports otherwise.

use std::time::Duration;

use shared::aws::ProcessingError;
use shared::clock;
use shared::message::{Message, State, UnknownOutcome};
use shared::observability::{Metric, metrics};

use crate::settler::Settler;

/// How long WhatsApp may hold a message for its quality assessment, and how long a number's callbacks may be silent, before
/// the message is given up.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest time from a post to the mark that its outcome is unknown: a lease and some redeliveries.
const MAX_POST_TO_UNKNOWN: Duration = Duration::from_secs(15 * 60);

/// Gives up an attempt about which no callback came; checks one that has to wait again later.
pub async fn give_up_or_wait(settler: &Settler, outcome: &UnknownOutcome) -> Result<(), ProcessingError> {
    let record = settler.messages.get(&outcome.message_id).await?;
    let is_open = |message: &Message| {
        message.attempt == outcome.attempt && matches!(message.status, State::Unknown | State::Held)
    };
    let Some(message) = record.filter(is_open) else {
        return Ok(()); // a callback was faster
    };
    if clock::now() < outcome.since.plus(MAX_WAIT) && has_to_wait(settler, &message, outcome).await? {
        return Ok(settler.unknown_outcomes.enqueue_in_turn(&outcome.account_id, outcome).await?);
    }
    settler.transitions.give_up(&message).await?;
    Ok(())
}

/// Whether WhatsApp may still report: it holds the message, or no callback of the number was stored since, or one was refused. An
/// outage of callbacks must not look like thousands of failures.
async fn has_to_wait(settler: &Settler, message: &Message, outcome: &UnknownOutcome) -> Result<bool, ProcessingError> {
    let Some(number) = message.number_id.as_ref().filter(|_| message.status == State::Unknown) else {
        return Ok(message.status == State::Held);
    };
    let owner = settler.accounts.number_owner(number).await?;
    let Some(owner) = owner else { return Ok(false) };
    if owner.is_silent_since(outcome.since) {
        metrics::count(Metric::CallbacksSilent);
        tracing::warn!(message_id = %message.id, "callbacks.silent");
        return Ok(true);
    }
    let has_refused = owner.has_refused_since(outcome.since.minus(MAX_POST_TO_UNKNOWN));
    if has_refused {
        tracing::warn!(message_id = %message.id, "callback_repeat.awaited");
    }
    Ok(has_refused)
}
