//! An attempt whose outcome is not known: after its wait without a callback it has failed, until WhatsApp says otherwise.

use std::time::Duration;

use shared::change::Change;
use shared::clock;
use shared::failure::{Failure, FailureCode};
use shared::message_table::Billed;
use shared::queue::Unsettled;
use shared::state::{State, Transition};

use crate::batch::{NotNow, Settler};

/// How long WhatsApp may hold a message for its quality check.
const MAX_HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// Fails an attempt that no callback has told of; looks again later at one that WhatsApp holds.
pub async fn settle(settler: &Settler, attempt: &Unsettled) -> Result<(), NotNow> {
    match fail(settler, attempt, State::Unknown).await? {
        Billed::Refused(Some(message)) if message.status == State::Held && message.attempt == attempt.attempt => {
            if clock::now() < message.created_at.plus(MAX_HOLD) {
                return Ok(settler.unsettled.enqueue(attempt).await?);
            }
            fail(settler, attempt, State::Held).await.map(drop)
        }
        _ => Ok(()), // done, or a callback was faster
    }
}

async fn fail(settler: &Settler, attempt: &Unsettled, status: State) -> Result<Billed, NotNow> {
    let change = unconfirmed(attempt.attempt).when_equal("status", status);
    let billed = settler.books.fail(&attempt.account_id, &attempt.message_id, change).await?;
    if matches!(billed, Billed::Done) {
        tracing::warn!(message_id = %attempt.message_id, attempt = attempt.attempt, "message.failed");
    }
    Ok(billed)
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
