//! An attempt whose outcome is not known: after its wait without a callback it has failed, until WhatsApp says otherwise.

use std::time::Duration;

use shared::change::Change;
use shared::clock;
use shared::failure::{Failure, FailureCode};
use shared::message::Message;
use shared::message_table::Billed;
use shared::metrics::{self, Metric};
use shared::settle_queue::Unsettled;
use shared::state::{State, Transition};

use crate::batch::{NotNow, Settler};

/// How long WhatsApp may hold a message for its quality check, and how long a number's callbacks may be silent, before
/// its messages have failed all the same.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Fails an attempt that no callback has told of; looks again later at one that has to wait.
pub async fn settle(settler: &Settler, attempt: &Unsettled) -> Result<(), NotNow> {
    let standing = settler.books.messages.get(&attempt.message_id).await?;
    let is_open = |message: &Message| {
        message.attempt == attempt.attempt && matches!(message.status, State::Unknown | State::Held)
    };
    let Some(message) = standing.filter(is_open) else {
        return Ok(()); // a callback was faster
    };
    if clock::now() < attempt.since.plus(MAX_WAIT) && has_to_wait(settler, &message, attempt).await? {
        return Ok(settler.unsettled.enqueue(attempt).await?);
    }
    let change = unconfirmed(attempt.attempt).when_equal("status", message.status);
    let billed = settler.books.fail(&attempt.account_id, &attempt.message_id, change).await?;
    if matches!(billed, Billed::Done) {
        metrics::count(Metric::MessagesUnconfirmed);
        tracing::warn!(message_id = %attempt.message_id, attempt = attempt.attempt, "message.failed");
    }
    Ok(())
}

/// Whether WhatsApp may still say what became of it: it holds the message, or no callback of the number has been stored
/// since. An outage of callbacks must not look like thousands of failures.
async fn has_to_wait(settler: &Settler, message: &Message, attempt: &Unsettled) -> Result<bool, NotNow> {
    let Some(number) = message.number_id.as_ref().filter(|_| message.status == State::Unknown) else {
        return Ok(message.status == State::Held);
    };
    let owner = settler.books.accounts.number_owner(number).await?;
    let silent = owner.is_some_and(|owner| owner.heard_at.is_none_or(|heard| heard <= attempt.since));
    if silent {
        metrics::count(Metric::CallbacksSilent);
        tracing::warn!(message_id = %message.id, "callbacks.silent");
    }
    Ok(silent)
}

fn unconfirmed(attempt: u32) -> Change {
    let failure = Failure {
        code: FailureCode::UnknownOutcome,
        message: "WhatsApp never said what became of it; it may have arrived".to_owned(),
        provider_code: None,
    };
    Change::new()
        .state(State::Unconfirmed)
        .set("failedAt", clock::now())
        .set("error", failure)
        .set("ev", Transition::Failed)
        .when_equal("attempt", attempt)
}
