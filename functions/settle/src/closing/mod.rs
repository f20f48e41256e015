//! Accounts that are closing: their data is deleted, a part of it every minute, until none is left (docs/adr/0060).
//!
//! What is deleted is not looked for again, so a run continues where the one before ended, wherever that was.

mod messages;
mod other_data;
pub mod pace;

use std::time::{Instant, SystemTime};

use lambda_runtime::Error;
use shared::clock;
use shared::closing::{Closing, UNTIL_UNUSED};
use shared::ids::AccountId;

use crate::settler::Settler;
use messages::Left;
use pace::Pace;

/// Continues to close accounts until `deadline`. What fails is logged, and repeated a minute later: nothing else depends on it.
pub async fn close_accounts(settler: &Settler, deadline: SystemTime) {
    let accounts = match settler.accounts.closing_accounts().await {
        Ok(accounts) => accounts,
        Err(error) => return tracing::error!(%error, "closing_accounts.list_failed"),
    };
    let pace = Pace::new(deadline);
    // Another one first in each minute: the first may need all of the time for hours.
    let minute = usize::try_from(clock::now().secs() / 60).unwrap_or_default();
    let first = minute.checked_rem(accounts.len()).unwrap_or_default();
    for account in accounts[first..].iter().chain(&accounts[..first]) {
        if !pace.has_time() {
            break;
        }
        if let Err(error) = close_account(settler, account, &pace).await {
            tracing::error!(account_id = %account, %error, "account.close_failed");
        }
    }
}

async fn close_account(settler: &Settler, account: &AccountId, pace: &Pace) -> Result<(), Error> {
    let accounts = &settler.accounts;
    // Each time: a version that does not know closed accounts may have created something.
    if !accounts.stop_closing_account(account, Instant::now() + pace.remaining()).await? {
        return Ok(());
    }
    let Some(closing) = accounts.closing(account).await? else { return Ok(()) };
    if !may_delete(settler, account, &closing).await? {
        return Ok(());
    }
    if !closing.is_without_messages {
        match messages::delete(settler, account, pace).await? {
            Left::Unknown => return Ok(()),
            Left::Messages(count) => return Ok(accounts.note_left(account, count, false).await?),
            Left::Nothing => accounts.note_left(account, 0, true).await?,
        }
    }
    if !other_data::delete(settler, account, pace).await? {
        return Ok(());
    }
    let (Some(closing), ledger) = (accounts.closing(account).await?, settler.ledger.read(account).await?) else {
        return Ok(());
    };
    accounts.finish_closing(account, &closing, ledger.as_ref(), clock::now()).await?;
    tracing::info!(account_id = %account, messages = closing.messages_deleted, "account.closed");
    Ok(())
}

/// Whether no process can act any more on what it read before the account was stopped, and no charge waits for its outcome, which
/// the record decides.
async fn may_delete(settler: &Settler, account: &AccountId, closing: &Closing) -> Result<bool, Error> {
    let is_unused = closing.stopped_at.is_some_and(|at| at.plus(UNTIL_UNUSED) <= clock::now());
    if !is_unused {
        return Ok(false);
    }
    Ok(settler.ledger.read(account).await?.is_none_or(|ledger| ledger.reservations.is_empty()))
}
