//! One status of one message: found by its tag, stored if it brings the message forward.

use std::time::Duration;

use shared::books::{Books, REFUNDED};
use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::conditional_write::TableError;
use shared::failure::{Failure, FailureCode};
use shared::graph_error::{GraphError, PAUSE, pauses};
use shared::message::Message;
use shared::message_table::{Billed, Written};
use shared::metrics::{self, Metric};
use shared::state::{State, Transition};
use shared::tag::{Tag, Tagger};

use crate::callback::{Status, StatusUpdate};

/// WhatsApp's times are whole seconds: one that is this near to now is taken as now, so that a message is not shown
/// as delivered before it was sent.
const NEAR: Duration = Duration::from_secs(2);
/// How often a record that changes meanwhile is looked at.
const LOOKS: u32 = 4;

/// Stores an update. What is not about a message of ours is counted in the log and lets the callback be acknowledged.
pub async fn store(books: &Books, tagger: &Tagger, update: StatusUpdate) -> Result<(), TableError> {
    let Some(tag) = update.status.biz_opaque_callback_data.as_deref().and_then(|text| tagger.read(text)) else {
        metrics::count(Metric::CallbacksUntagged);
        tracing::warn!("callback.untagged");
        return Ok(());
    };
    let number = update.number_id.as_str();
    match update.status.status.as_str() {
        "sent" => sent(books, &tag, number, &update.status).await,
        "delivered" => forward(books, &tag, number, &update.status, Transition::Delivered).await,
        "read" => forward(books, &tag, number, &update.status, Transition::Read).await,
        "failed" => failed(books, &tag, number, &update.status).await,
        _ => {
            tracing::warn!(message_id = %tag.message, "callback.unknown_status");
            Ok(())
        }
    }
}

/// `deliver` has nearly always recorded it: a read is cheaper than a write that is refused. One that is a moment old will
/// do, since the write that may follow is conditional.
async fn sent(books: &Books, tag: &Tag, number: &str, status: &Status) -> Result<(), TableError> {
    if books.messages.glance(&tag.message).await?.is_some_and(|message| message.sent_at.is_some()) {
        return Ok(());
    }
    forward(books, tag, number, status, Transition::Sent).await
}

/// Brings a message forward; or, when it is further already, only adds the time that was missing.
async fn forward(
    books: &Books,
    tag: &Tag,
    number: &str,
    status: &Status,
    transition: Transition,
) -> Result<(), TableError> {
    let state = transition.state();
    let happened = || {
        Change::new()
            .set(transition.attribute(), occurred(status.time(), clock::now()))
            .set_once("providerId", &status.id)
            .set("ev", transition)
            .when_equal("numberId", number)
            .when_absent(transition.attribute())
    };
    let forward = || {
        let forward = happened().state(state).remove("lease").remove("claim");
        forward.when_below("rank", state.rank())
    };
    for _ in 0..LOOKS {
        match books.messages.change(&tag.message, forward().when_absent(REFUNDED)).await? {
            Written::Done(message) => {
                tracing::debug!(message_id = %message.id, "message.{transition}");
                return Ok(());
            }
            Written::Refused(Some(message)) if message.refunded && message.rank < state.rank() => {
                match books.revive(&message.account_id, &message.id, forward()).await? {
                    Billed::Done => return Ok(()),
                    Billed::Refused(_) => {} // another callback was faster: what it left decides
                }
            }
            Written::Refused(Some(message)) if is_missing(&message, number, transition) => {
                return books.messages.change(&tag.message, happened()).await.map(drop);
            }
            Written::Refused(standing) => {
                pass_over(tag, number, standing.as_deref());
                return Ok(());
            }
        }
    }
    Err(restless())
}

fn is_missing(message: &Message, number: &str, transition: Transition) -> bool {
    message.number_id.as_deref() == Some(number) && message.time_of(transition).is_none()
}

/// A failure counts for the current attempt only: an older one was tried again since, and its failure is history.
async fn failed(books: &Books, tag: &Tag, number: &str, status: &Status) -> Result<(), TableError> {
    let error = status.errors.first();
    let failure = error.map_or_else(unexplained, GraphError::failure);
    for _ in 0..LOOKS {
        let standing = books.messages.get(&tag.message).await?;
        let current =
            |message: &Message| message.number_id.as_deref() == Some(number) && message.attempt == tag.attempt;
        let Some(message) = standing.as_ref().filter(|message| current(message)) else {
            pass_over(tag, number, standing.as_ref());
            return Ok(());
        };
        let is_open = matches!(message.status, State::Sending | State::Unknown | State::Held | State::Sent);
        if !is_open && message.status != State::Unconfirmed {
            pass_over(tag, number, Some(message));
            return Ok(());
        }
        // First, since a repeat of this callback finds the message failed and looks no further.
        stop_instance(books, message, error).await?;
        let stored = if is_open {
            fail(books, message, status, &failure).await?
        } else {
            confirm_failure(books, message, status, &failure).await?
        };
        if stored {
            if let Some(error) = error {
                metrics::count(Metric::ProviderErrors(error.code));
            }
            return Ok(());
        }
    }
    Err(restless())
}

fn restless() -> TableError {
    TableError::Unavailable("the record changes whenever it is looked at".to_owned())
}

/// A failure that is not the message's but its number's or token's stops the instance, as it does in an answer: unless it
/// was connected anew since.
async fn stop_instance(books: &Books, message: &Message, error: Option<&GraphError>) -> Result<(), TableError> {
    let Some(error) = error.filter(|error| error.is_of_the_instance() || pauses(error.code)) else {
        return Ok(());
    };
    let Some(instance) = books.accounts.instance(&message.account_id, &message.instance_id).await? else {
        return Ok(());
    };
    let left_at = message.sent_at.unwrap_or(message.created_at);
    if instance.connected_at.is_some_and(|connected| left_at < connected) {
        return Ok(());
    }
    let stopped = if error.is_of_the_instance() {
        books.accounts.disconnect(&instance, &error.failure().message).await?
    } else {
        books.accounts.hold(&instance, clock::now().plus(PAUSE), error.code).await?
    };
    if stopped {
        metrics::count(Metric::InstancesStopped);
        tracing::error!(instance_id = %instance.id, code = error.code, "instance.stopped");
    }
    Ok(())
}

/// `false` when the record has changed since it was read.
async fn fail(books: &Books, message: &Message, status: &Status, failure: &Failure) -> Result<bool, TableError> {
    let fail = Change::new()
        .state(State::Failed)
        .set("failedAt", occurred(status.time(), clock::now()))
        .set("error", failure)
        .set_once("providerId", &status.id)
        .set("ev", Transition::Failed)
        .remove("lease")
        .remove("claim")
        .when_equal("attempt", message.attempt)
        .when_equal("status", message.status);
    let done = matches!(books.fail(&message.account_id, &message.id, fail).await?, Billed::Done);
    if done {
        tracing::info!(message_id = %message.id, code = ?failure.code, "message.failed");
    }
    Ok(done)
}

/// What was given up as of unknown outcome has failed indeed: its failure was told and its credit given back already. `false`
/// when the record has changed since it was read.
async fn confirm_failure(
    books: &Books,
    message: &Message,
    status: &Status,
    failure: &Failure,
) -> Result<bool, TableError> {
    let confirm = Change::new()
        .state(State::Failed)
        .set("error", failure)
        .set_once("providerId", &status.id)
        .remove("ev")
        .when_equal("attempt", message.attempt)
        .when_equal("status", State::Unconfirmed);
    Ok(matches!(books.messages.change(&message.id, confirm).await?, Written::Done(_)))
}

fn pass_over(tag: &Tag, number: &str, standing: Option<&Message>) {
    let reason = match standing {
        None => "no such message",
        Some(message) if message.number_id.as_deref() != Some(number) => "another number's",
        Some(_) => "it is known, or further already",
    };
    tracing::debug!(message_id = %tag.message, reason, "callback.nothing_new");
}

/// When it happened, by WhatsApp's time or ours.
pub fn occurred(time: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match time {
        Some(time) if time.plus(NEAR) < now => time,
        _ => now,
    }
}

fn unexplained() -> Failure {
    Failure { code: FailureCode::ProviderError, message: "WhatsApp gave no reason".to_owned(), provider_code: None }
}
