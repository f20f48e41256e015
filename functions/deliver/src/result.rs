//! The record of an attempt's result. What ends an attempt holds only under the claim that began it, since an attempt's
//! number can come back; that WhatsApp took it counts for the attempt, however late.

use std::time::Duration;

use shared::books::{Books, REFUNDED};
use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::conditional_write::TableError;
use shared::delivery_queue::Delivery;
use shared::failure::{Failure, FailureCode};
use shared::graph_error::GraphError;
use shared::ids;
use shared::message::Message;
use shared::message_table::{Billed, Written};
use shared::metrics::{self, Metric};
use shared::state::{State, Transition};

use crate::attempt::Next;
use crate::prepare::SHORT_WAIT;
use crate::retry;

/// Attempts at a message that never reached WhatsApp.
const MAX_UNSENT_ATTEMPTS: u32 = 8;

/// WhatsApp took it. A late answer still counts after the outcome was thought unknown.
pub async fn sent(books: &Books, message: &Message, provider_id: &str) -> Result<Next, TableError> {
    let sent = || {
        of_attempt(message)
            .state(State::Sent)
            .set("sentAt", clock::now())
            .set("providerId", provider_id)
            .set("ev", Transition::Sent)
            .when_below("rank", State::Sent.rank())
    };
    match books.messages.change(&message.id, sent().when_absent(REFUNDED)).await? {
        Written::Done(_) => {
            metrics::count(Metric::MessagesSent);
            tracing::info!(message_id = %message.id, attempt = message.attempt, "message.sent");
            Ok(Next::Done)
        }
        Written::Refused(Some(standing)) if standing.status == State::Unconfirmed => {
            match books.revive(&message.account_id, &message.id, sent()).await? {
                Billed::Done => Ok(Next::Done),
                Billed::Refused(_) => tell_sent_late(books, message, provider_id).await,
            }
        }
        Written::Refused(Some(standing)) if standing.sent_at.is_none() => {
            tell_sent_late(books, message, provider_id).await
        }
        Written::Refused(_) => Ok(Next::Done),
    }
}

/// A callback was faster and brought it further: only its time of sending is still to be told.
async fn tell_sent_late(books: &Books, message: &Message, provider_id: &str) -> Result<Next, TableError> {
    let late = of_attempt(message)
        .set("sentAt", clock::now())
        .set_once("providerId", provider_id)
        .set("ev", Transition::Sent)
        .when_absent("sentAt");
    books.messages.change(&message.id, late).await?;
    Ok(Next::Done)
}

/// WhatsApp holds it for a quality check.
pub async fn held(books: &Books, message: &Message, provider_id: &str) -> Result<(), TableError> {
    let held = of_claim(message)
        .state(State::Held)
        .set("providerId", provider_id)
        .remove("ev")
        .when_equal("status", State::Sending);
    books.messages.change(&message.id, held).await.map(drop)
}

/// Nobody knows whether WhatsApp took it. `false` when the record has changed meanwhile.
pub async fn unknown(books: &Books, message: &Message) -> Result<bool, TableError> {
    let unknown = of_claim(message).state(State::Unknown).remove("ev").when_equal("status", State::Sending);
    Ok(matches!(books.messages.change(&message.id, unknown).await?, Written::Done(_)))
}

/// WhatsApp refused it: for now or for good.
pub async fn rejected(
    books: &Books,
    message: &Message,
    error: &GraphError,
    asked: Option<Duration>,
) -> Result<Next, TableError> {
    metrics::count(Metric::ProviderErrors(error.code));
    tracing::warn!(message_id = %message.id, attempt = message.attempt, code = error.code, "message.rejected");
    match retry::wait(error, message.attempt, asked) {
        Some(wait) => release_until(books, message, with_jitter(wait), error.failure()).await,
        None => fail(books, message, error.failure()).await,
    }
}

/// WhatsApp could not be reached at all.
pub async fn not_sent(books: &Books, message: &Message, reason: &str) -> Result<Next, TableError> {
    metrics::count(Metric::MessagesNotSent);
    tracing::warn!(message_id = %message.id, attempt = message.attempt, reason, "message.not_sent");
    if message.attempt >= MAX_UNSENT_ATTEMPTS {
        return fail(books, message, unreachable()).await;
    }
    let wait = Duration::from_secs(1 << message.attempt.min(8));
    release_until(books, message, with_jitter(wait), unreachable()).await
}

/// Lets go of a message to be tried again after `wait`, or fails it now if that is past its `expiresIn`.
async fn release_until(books: &Books, message: &Message, wait: Duration, last: Failure) -> Result<Next, TableError> {
    if clock::now().plus(wait) < message.deadline {
        return release(books, message, wait).await;
    }
    let text = format!("it could not be sent within its expiresIn: {}", last.message);
    fail(books, message, Failure { code: FailureCode::Expired, message: text, ..last }).await
}

/// Lets go of a message that was certainly not sent, to be tried again after `wait`.
async fn release(books: &Books, message: &Message, wait: Duration) -> Result<Next, TableError> {
    let release = of_claim(message).state(State::Queued).remove("ev").when_equal("status", State::Sending);
    books.messages.change(&message.id, release).await?;
    Ok(Next::Later(wait))
}

/// Lets go of a message before anything was posted, to go in this slot. No tag carries this attempt, so it counts for
/// nothing.
pub async fn release_unposted(
    books: &Books,
    message: &Message,
    wait: Duration,
    slot: Timestamp,
) -> Result<Next, TableError> {
    let release = of_claim(message).state(State::Queued).add("attempt", -1).set("slot", slot).remove("ev");
    books.messages.change(&message.id, release.when_equal("status", State::Sending)).await?;
    Ok(Next::Later(wait))
}

/// It will not be sent. A record that has changed meanwhile is looked at again.
pub async fn fail(books: &Books, message: &Message, failure: Failure) -> Result<Next, TableError> {
    let failed = failed(of_claim(message), &failure).when_equal("status", State::Sending);
    if let Billed::Refused(_) = books.fail(&message.account_id, &message.id, failed).await? {
        return Ok(Next::Later(SHORT_WAIT));
    }
    tracing::info!(message_id = %message.id, attempt = message.attempt, code = ?failure.code, "message.failed");
    Ok(Next::Done)
}

/// Fails a message that nobody has claimed; refused when somebody has.
pub async fn fail_untried(books: &Books, delivery: &Delivery, failure: Failure) -> Result<Billed, TableError> {
    let failed = failed(Change::new(), &failure).when_equal("rank", State::Queued.rank());
    let billed = books.fail(&delivery.account_id, &delivery.message_id, failed).await?;
    if matches!(billed, Billed::Done) {
        tracing::info!(message_id = %delivery.message_id, code = ?failure.code, "message.failed");
    }
    Ok(billed)
}

fn of_attempt(message: &Message) -> Change {
    Change::new().remove("lease").remove("claim").when_equal("attempt", message.attempt)
}

/// An attempt that was let go of before its POST gives its number back, and a repeat of that write, its answer lost, must
/// not meet the next one that has it.
fn of_claim(message: &Message) -> Change {
    of_attempt(message).when_equal("claim", &message.claim)
}

fn failed(change: Change, failure: &Failure) -> Change {
    change.state(State::Failed).set("failedAt", clock::now()).set("error", failure).set("ev", Transition::Failed)
}

fn unreachable() -> Failure {
    Failure {
        code: FailureCode::ProviderError,
        message: "WhatsApp could not be reached".to_owned(),
        provider_code: None,
    }
}

/// Up to half as much again, so that what failed together does not come back together.
fn with_jitter(wait: Duration) -> Duration {
    let share = f64::from(u32::from_le_bytes(ids::random())) / f64::from(u32::MAX);
    wait.mul_f64(1.0 + share / 2.0)
}
