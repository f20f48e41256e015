//! Messages that expire behind another one of their conversation, where `deliver` does not receive them.

use shared::aws::ProcessingError;
use shared::clock;
use shared::message::{ExpiryCheck, State};

use crate::settler::Settler;

/// Expires a message that is still queued at its time. One that is being sent is left to `deliver`, which retries it no later
/// than that.
pub async fn expire_if_due(settler: &Settler, check: &ExpiryCheck) -> Result<(), ProcessingError> {
    let Some(message) = settler.messages.get(&check.message_id).await? else {
        return Ok(()); // withdrawn, or erased
    };
    let now = clock::now();
    match message.status {
        State::Queued | State::Sending if now < check.expires_at => {
            settler.queues.settle.check_expiry(check, now).await?
        }
        State::Queued => drop(settler.transitions.expire((&check.account_id, &check.message_id), None).await?),
        _ => {}
    }
    Ok(())
}
