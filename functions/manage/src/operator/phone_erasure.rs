//! `DELETE /v1/admin/accounts/{accountId}/phones/{phone}`.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use shared::aws::ConditionalWrite;
use shared::clock::{self, Timestamp};
use shared::ids::InstanceId;
use shared::ledger::credits::RESTORABLE;
use shared::message::record::conversation_key;
use shared::message::{History, MAX_PAGE, Message, Page, State};
use shared::phone_number::{InvalidPhoneNumber, PhoneNumber};

use crate::lookup;
use crate::prelude::*;

/// The result of an erasure.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PhoneErasureResponse {
    /// Messages that were erased.
    erased: usize,
    /// Messages that are being sent or whose outcome is not known yet. They are kept, so that none is sent twice or lost:
    /// repeat the request in 15 minutes.
    remaining: usize,
    /// Whether the time of a request was too short: repeat it at once.
    has_more: bool,
    /// Copies that no request can reach, and when the last of them is gone.
    copies: Vec<UnreachableCopy>,
}

/// Copies of the erased messages, or parts of them, in one place.
#[derive(Serialize, ToSchema)]
struct UnreachableCopy {
    place: &'static str,
    until: String,
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The places, and the seconds for which each may hold a copy. `docs/erasure.md` explains them.
const COPIES: [(&str, u64); 9] = [
    ("webhookCallsInProgress", 30),
    ("deliveryLogs", 20 * MINUTE),
    ("webhookQueue", DAY),
    ("deliveryQueues", DAY),
    ("streams", DAY),
    ("whatsAppCallbacks", 7 * DAY),
    ("deadLetters", 14 * DAY),
    ("unreadCallbacks", 30 * DAY),
    ("backups", 35 * DAY),
];

/// How long a request erases, well within the function's timeout.
const TIME: Duration = Duration::from_secs(8);
/// Messages that are erased concurrently.
const MAX_CONCURRENCY: usize = 16;

pub const ERASE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/admin/accounts/{accountId}/phones/{phone}", operator!(erase)),
    id: "erasePhone",
    summary: "Erase a phone number's messages",
    describe: |operation| {
        let copies = json!([{ "place": "backups", "until": "2026-03-10T12:00:00.000Z" }]);
        let erased = json!({ "erased": 12, "remaining": 0, "hasMore": false, "copies": copies });
        operation
            .description(
                "All messages of the account with the number. Queued ones are cancelled first and refunded. Their events are \
                not delivered any more.",
            )
            .answers_data::<PhoneErasureResponse>(200, erased)
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::InvalidPhoneNumber])
    },
};

async fn erase(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let account = lookup::account(state, request).await?;
    let phone: PhoneNumber = request.parameter("phone").parse().map_err(|error: InvalidPhoneNumber| {
        ApiError::field(ErrorCode::InvalidPhoneNumber, "phone", format!("`phone` {error}"))
    })?;
    let started = clock::now();
    // First, so that an attempt that meets a tombstone looks for it.
    state.accounts.check_erasure(&account.id, started.plus(RESTORABLE)).await.map_err(unavailable)?;
    let instances = state.accounts.instances(&account.id).await.map_err(unavailable)?;
    let deleted = state.accounts.deleted_instances(&account.id).await.map_err(unavailable)?;
    let mut erasure = Erasure { deadline: started.plus(TIME), erased: 0, remaining: 0 };
    let mut has_more = false;
    for instance in instances.into_iter().map(|instance| instance.id).chain(deleted) {
        has_more |= erasure.erase_conversation(state, &instance, &phone).await?;
    }
    let Erasure { erased, remaining, .. } = erasure;
    tracing::info!(account_id = %account.id, erased, remaining, has_more, "messages.erased");
    let now = clock::now();
    let copies = COPIES.map(|(place, seconds)| {
        let until = now.plus(Duration::from_secs(seconds)).to_string();
        UnreachableCopy { place, until }
    });
    ApiResponse::ok(&PhoneErasureResponse { erased, remaining, has_more, copies: copies.into() })
}

/// The progress of an erasure.
struct Erasure {
    deadline: Timestamp,
    erased: usize,
    remaining: usize,
}

impl Erasure {
    /// Erases a conversation until a pass finds nothing to erase: what comes in during the first pass, or what the index
    /// showed too late for it, is found by the next one. Returns whether there was too little time.
    async fn erase_conversation(
        &mut self,
        state: &AppState,
        instance: &InstanceId,
        phone: &PhoneNumber,
    ) -> Result<bool, ApiError> {
        let conversation = conversation_key(instance, phone.digits());
        let remaining = self.remaining;
        loop {
            let erased = self.erased;
            self.remaining = remaining;
            if !self.erase_once(state, &History::Conversation(&conversation)).await? {
                return Ok(true);
            }
            if self.erased == erased {
                return Ok(false);
            }
        }
    }

    /// One pass over a conversation. Returns whether there was time for all of it.
    async fn erase_once(&mut self, state: &AppState, history: &History<'_>) -> Result<bool, ApiError> {
        let mut last: Option<Message> = None;
        while clock::now() < self.deadline {
            let page = last.as_ref().map_or(Page::Newest, Page::Before);
            let (messages, has_more) = state.messages.history(history, &page, MAX_PAGE).await.map_err(unavailable)?;
            last = messages.last().cloned();
            let erased = stream::iter(messages).map(|message| erase_message(state, message));
            let erased: Vec<bool> = erased.buffer_unordered(MAX_CONCURRENCY).try_collect().await?;
            let count = erased.iter().filter(|is_erased| **is_erased).count();
            self.erased += count;
            self.remaining += erased.len() - count;
            if !has_more || last.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Erases a message, unless it may still be sent.
async fn erase_message(state: &AppState, message: Message) -> Result<bool, ApiError> {
    Ok(is_final(state, &message).await?
        && state.messages.erase(&message, clock::now()).await.map_err(ApiError::internal)?)
}

/// Whether a message will not be sent any more. A queued one is cancelled.
async fn is_final(state: &AppState, message: &Message) -> Result<bool, ApiError> {
    let status = match message.status {
        State::Queued => {
            let canceled = state.transitions.cancel(&message.account_id, &message.id).await;
            match canceled.map_err(ApiError::internal)? {
                // Nothing is there when another erasure was faster.
                ConditionalWrite::Applied(()) | ConditionalWrite::Refused(None) => return Ok(true),
                ConditionalWrite::Refused(Some(existing)) => existing.status,
            }
        }
        status => status,
    };
    Ok(!matches!(status, State::Queued | State::Sending | State::Unknown | State::Held))
}
