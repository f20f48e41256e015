//! `DELETE /v1/admin/accounts/{id}/phones/{phone}`: forgets all messages of an account with one phone number.

use serde::{Deserialize, Serialize};
use shared::account::Account;
use shared::account_key::GONE;
use shared::api_error::{ApiError, ErrorCode};
use shared::ids::InstanceId;
use shared::message::Message;
use shared::message_history::{History, MAX_PAGE, Part};
use shared::phone_number::{InvalidPhoneNumber, PhoneNumber};
use shared::state::State;
use utoipa::ToSchema;

use super::unavailable;
use crate::answer::Answer;
use crate::messages::fail_queued;
use crate::router::Manager;

/// What was done.
#[derive(Default, Serialize, ToSchema)]
pub struct Erased {
    /// Messages that are gone.
    erased: usize,
    /// Messages that are being sent, or whose outcome is not known yet: they stay, so that none is sent twice or lost.
    /// Ask again in a quarter of an hour.
    remaining: usize,
}

#[derive(Deserialize)]
struct Gone {
    id: InstanceId,
}

/// Erases what is at rest. What is queued is cancelled first, and its credit goes back.
pub async fn erase(manager: &Manager, account: &Account, phone: &str) -> Result<Answer, ApiError> {
    let wrong = |error: InvalidPhoneNumber| ApiError::field(ErrorCode::InvalidPhoneNumber, "phone", error.to_string());
    let phone: PhoneNumber = phone.parse().map_err(wrong)?;
    let accounts = &manager.books.accounts;
    let present = accounts.instances(&account.id).await.map_err(unavailable)?;
    let gone: Vec<Gone> = accounts.all(account.id.as_str(), GONE).await.map_err(unavailable)?;
    let instances = present.into_iter().map(|instance| instance.id).chain(gone.into_iter().map(|gone| gone.id));
    let mut all = Erased::default();
    for instance in instances {
        erase_chat(manager, &instance, &phone, &mut all).await?;
    }
    tracing::info!(account_id = %account.id, erased = all.erased, remaining = all.remaining, "phone.erased");
    Answer::ok(&all)
}

async fn erase_chat(
    manager: &Manager,
    instance: &InstanceId,
    phone: &PhoneNumber,
    all: &mut Erased,
) -> Result<(), ApiError> {
    let messages = &manager.books.messages;
    let mut last: Option<Message> = None;
    loop {
        let part = last.as_ref().map_or(Part::Newest, Part::Before);
        let page = messages.history(&History::Chat(instance, phone), &part, MAX_PAGE).await;
        let (page, has_more) = page.map_err(unavailable)?;
        for message in &page {
            if is_at_rest(manager, message).await? {
                messages.erase(&message.id).await.map_err(ApiError::internal)?;
                all.erased += 1;
            } else {
                all.remaining += 1;
            }
        }
        last = page.into_iter().next_back();
        if !has_more || last.is_none() {
            return Ok(());
        }
    }
}

async fn is_at_rest(manager: &Manager, message: &Message) -> Result<bool, ApiError> {
    match message.status {
        State::Queued => fail_queued(manager, message).await,
        State::Sending | State::Unknown | State::Held => Ok(false),
        State::Unconfirmed | State::Sent | State::Failed | State::Delivered | State::Read => Ok(true),
    }
}
