//! The events that a replay delivers again.

use shared::event::Event;
use shared::ids::{InstanceId, LogId, MessageId};
use shared::webhook::Webhook;
use shared::{instance, message};

use crate::prelude::*;

/// The events of a message that the webhook subscribes to.
pub async fn of_message(
    state: &AppState,
    webhook: &Webhook,
    instance: &InstanceId,
    id: &MessageId,
) -> Result<Vec<Event>, ApiError> {
    let found = state.messages.get(id).await.map_err(unavailable)?;
    let own = found.filter(|found| found.account_id == webhook.account_id && found.instance_id == *instance);
    let message = own.ok_or_else(|| {
        let message = "`messageId` must be the id of a message of this webhook's instance.";
        ApiError::field(ErrorCode::MessageNotFound, "messageId", message)
    })?;
    let events = message::events::between(None, &message);
    Ok(events.into_iter().filter(|event| webhook.subscribes_to(&event.instance_id, &event.name)).collect())
}

/// The event of a row of the delivery log.
pub async fn of_log(state: &AppState, webhook: &Webhook, instance: &InstanceId, id: &LogId) -> Result<Event, ApiError> {
    let invalid = |message: &str| ApiError::invalid("logId", message);
    let row = state.accounts.delivery_log(&webhook.id, id).await.map_err(unavailable)?;
    let row = row.ok_or_else(|| invalid("`logId` must be the id of a row of this webhook's delivery log."))?;
    let subject = row.subject.as_deref();
    let subject = subject.ok_or_else(|| invalid("`logId` is a test's, which has no event: test the webhook again."))?;
    let events = match subject.parse::<MessageId>() {
        Ok(message) => of_message(state, webhook, instance, &message).await?,
        Err(_) if subject.parse::<InstanceId>().is_err() => {
            let event = state.accounts.event(subject).await.map_err(unavailable)?;
            let is_own = |event: &Event| {
                event.account_id == webhook.account_id && webhook.subscribes_to(&event.instance_id, &event.name)
            };
            event.filter(is_own).into_iter().collect()
        }
        Err(_) => {
            let found = state.accounts.instance(&webhook.account_id, instance).await.map_err(unavailable)?;
            found.and_then(|found| instance::events::between(None, &found)).into_iter().collect()
        }
    };
    let event = events.into_iter().find(|event| event.id(&webhook.id) == row.event_id);
    event.ok_or_else(|| {
        invalid("`logId` is the row of an event that is no longer stored, or that the webhook no longer subscribes to.")
    })
}
