//! What a claimed message needs before it is posted: its turn, what it quotes, its slot, and a lease that has not ended.

use std::time::Duration;

use shared::clock::{self, Timestamp};
use shared::conditional_write::TableError;
use shared::content::Quoted;
use shared::failure::{Failure, FailureCode};
use shared::instance::Number;
use shared::message::Message;
use shared::message_table::MessageTable;

use crate::pacer::{self, Pacer};

/// How long a message waits when a table, a queue or another message is not ready.
pub const SHORT_WAIT: Duration = Duration::from_secs(2);

/// Whether a claimed message may be posted.
pub enum Prepared {
    /// It may, with WhatsApp's id of what it quotes.
    Ready(Option<String>),
    /// Not now: it is to be tried again after this time, in this slot.
    NotYet(Duration, Timestamp),
    /// Never.
    Failed(Failure),
}

/// What a reply quotes.
enum Context {
    /// WhatsApp's id of it, if it quotes anything.
    Known(Option<String>),
    /// The quoted message has not been sent yet.
    NotYet,
    /// The quoted message failed or is gone.
    Never,
}

/// Prepares a message and waits for its slot, if that is a moment away.
pub async fn prepare(
    messages: &MessageTable,
    pacer: &Pacer,
    message: &Message,
    number: &Number,
) -> Result<Prepared, TableError> {
    // Within a queue the group keeps the order; what was accepted before the instance went into the bulk lane lies in
    // the other queue.
    if message.bulk.is_some() && messages.has_open_before(message).await? {
        return Ok(Prepared::NotYet(SHORT_WAIT, message.slot));
    }
    let quoted = match quoted(messages, message).await? {
        Context::Known(provider_id) => provider_id,
        Context::NotYet => return Ok(Prepared::NotYet(SHORT_WAIT, message.slot)),
        Context::Never => return Ok(Prepared::Failed(quoted_never_sent())),
    };
    let slot = pacer.slot(message, number).await?;
    Ok(match pacer::wait_for(slot).await {
        Some(wait) => Prepared::NotYet(wait, slot),
        // It was frozen: to others this attempt is of unknown outcome, and what stands behind it may have left.
        None if message.lease.is_none_or(|lease| lease <= clock::now()) => Prepared::NotYet(SHORT_WAIT, slot),
        None => Prepared::Ready(quoted),
    })
}

/// WhatsApp's id of the quoted message.
async fn quoted(messages: &MessageTable, message: &Message) -> Result<Context, TableError> {
    Ok(match &message.quoted {
        None => Context::Known(None),
        Some(Quoted::Provider(id)) => Context::Known(Some(id.clone())),
        Some(Quoted::Message(id)) => match messages.get(id).await? {
            Some(quoted) if quoted.provider_id.is_some() => Context::Known(quoted.provider_id),
            Some(quoted) if quoted.failed_at.is_none() => Context::NotYet,
            _ => Context::Never,
        },
    })
}

fn quoted_never_sent() -> Failure {
    Failure {
        code: FailureCode::ProviderError,
        message: "the message that it quotes was never sent".to_owned(),
        provider_code: None,
    }
}
