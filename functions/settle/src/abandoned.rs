//! A message that deliver's queue gave up on: what its record says decides, so that nothing is sent twice or lost.

use shared::change::Change;
use shared::clock;
use shared::delivery_queue::Delivery;
use shared::failure::{Failure, FailureCode};
use shared::message::Message;
use shared::message_table::{Billed, Written};
use shared::settle_queue::Unsettled;
use shared::state::{State, Transition};

use crate::batch::{NotNow, Settler};

/// `queued` fails; `sending` becomes unknown. That, and what is unknown or held already, is looked at again in 15 minutes.
pub async fn settle(settler: &Settler, delivery: &Delivery) -> Result<(), NotNow> {
    let failed = Change::new()
        .state(State::Failed)
        .set("failedAt", clock::now())
        .set("error", given_up())
        .set("ev", Transition::Failed)
        .when_equal("status", State::Queued);
    let standing = match settler.books.fail(&delivery.account_id, &delivery.message_id, failed).await? {
        Billed::Done => {
            tracing::error!(message_id = %delivery.message_id, "message.failed");
            return Ok(());
        }
        Billed::Refused(standing) => standing,
    };
    let is_open = |message: &Message| matches!(message.status, State::Sending | State::Unknown | State::Held);
    let Some(message) = standing.filter(|message| is_open(message)) else {
        return Ok(());
    };
    if message.status == State::Sending {
        let unknown = Change::new().state(State::Unknown).remove("lease").remove("claim").remove("ev");
        let unknown = unknown.when_equal("status", State::Sending).when_equal("claim", &message.claim);
        if let Written::Refused(_) = settler.books.messages.change(&message.id, unknown).await? {
            return Err(NotNow::Changed);
        }
    }
    Ok(settler.unsettled.enqueue(&Unsettled::attempt_at(&message)).await?)
}

fn given_up() -> Failure {
    Failure { code: FailureCode::ProviderError, message: "it could not be sent".to_owned(), provider_code: None }
}
