//! The instance that a message leaves from, and the message that it replies or reacts to.

use shared::clock::Timestamp;
use shared::http::{ApiError, ErrorCode};
use shared::ids::{AccountId, InstanceId};
use shared::instance::Instance;
use shared::message::Quoted;

use crate::record_and_enqueue::unavailable;
use crate::send_request::{SendRequest, unknown_instance};
use crate::sender::Sender;

impl Sender {
    /// An instance that no condition of its account pauses.
    pub async fn instance(&self, account: &AccountId, id: &InstanceId, now: Timestamp) -> Result<Instance, ApiError> {
        let found = self.instances.get(account, id).await;
        let instance = found.map_err(unavailable)?.ok_or_else(unknown_instance)?;
        if let Some((reason, wait)) = instance.condition_remaining(now) {
            let message = format!(
                "`instanceId` names an instance that is paused ({}). {} Try again after `retryAfter` seconds.",
                reason.name(),
                reason.explanation()
            );
            let paused = ApiError::field(ErrorCode::InstancePaused, "instanceId", message).retry_after(wait);
            return Err(ApiError { reason: Some(reason.name()), ..paused });
        }
        Ok(instance)
    }

    /// A message of ours that is quoted or reacted to must belong to the account. Nobody can react to a reaction.
    pub async fn check_quoted(&self, account: &AccountId, send_request: &SendRequest) -> Result<(), ApiError> {
        let Some(Quoted::Message(id)) = &send_request.quoted else {
            return Ok(());
        };
        let is_reaction = send_request.content.is_reaction();
        let field = if is_reaction { "reaction.messageId" } else { "quotedMessageId" };
        let found = self.messages.get(id).await.map_err(unavailable)?;
        let Some(quoted) = found.filter(|message| message.account_id == *account) else {
            let message = format!("`{field}` must be the id of a message of this account.");
            return Err(ApiError::invalid(field, message));
        };
        if is_reaction && quoted.instance_id != send_request.instance_id {
            return Err(ApiError::invalid(field, format!("`{field}` names a message of another instance.")));
        }
        if is_reaction && quoted.content.is_reaction() {
            return Err(ApiError::invalid(field, format!("`{field}` names a reaction: react to its message instead.")));
        }
        Ok(())
    }
}

/// The instance of a request has no number to send from.
pub fn disconnected() -> ApiError {
    let message = "`instanceId` names an instance that is not connected to WhatsApp: connect it first.";
    ApiError::field(ErrorCode::InstanceDisconnected, "instanceId", message)
}
