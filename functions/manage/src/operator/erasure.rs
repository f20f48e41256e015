//! `DELETE /v1/admin/accounts/{accountId}/phones/{phone}`, and the same with `/users/{userId}`.

use std::time::Duration;

use shared::alias::Alias;
use shared::clock;
use shared::phone_number::{InvalidPhoneNumber, PhoneNumber};
use shared::user_id::{InvalidUserId, UserId};

use super::person_erasure::{PersonErasure, Progress};
use crate::lookup;
use crate::prelude::*;

shared::words! {
    /// A place where copies of erased messages may be.
    CopyPlace = COPIES.map(|(place, _)| place);
}

/// The result of an erasure.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ErasureResponse {
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
    /// Where the copies are.
    #[schema(value_type = CopyPlace)]
    place: &'static str,
    /// When the last of them is gone.
    #[schema(format = DateTime)]
    until: String,
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The places, and the seconds for which each may hold a copy. `docs/erasure.md` explains them.
const COPIES: [(&str, u64); 10] = [
    ("webhookCallsInProgress", 30),
    ("deliveryLogs", 20 * MINUTE),
    ("webhookQueue", DAY),
    ("deliveryQueues", DAY),
    ("streams", DAY),
    ("whatsAppCallbacks", 7 * DAY),
    ("optOuts", 8 * DAY),
    ("deadLetters", 14 * DAY),
    ("unreadCallbacks", 30 * DAY),
    ("backups", 35 * DAY),
];

pub const ERASE_PHONE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/admin/accounts/{accountId}/phones/{phone}", operator!(erase_phone)),
    id: "erasePhone",
    summary: "Erase a person's messages by phone number",
    describe: |operation| {
        operation.description(&description("phone number")).answers_data::<ErasureResponse>(200, example()).errors(&[
            ErrorCode::AccountNotFound,
            ErrorCode::AccountClosed,
            ErrorCode::InvalidPhoneNumber,
        ])
    },
};

pub const ERASE_USER: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/admin/accounts/{accountId}/users/{userId}", operator!(erase_user)),
    id: "eraseUser",
    summary: "Erase a person's messages by user id",
    describe: |operation| {
        operation
            .description(&description("user id of WhatsApp's"))
            .answers_data::<ErasureResponse>(200, example())
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::AccountClosed, ErrorCode::InvalidRequest])
    },
};

fn description(alias: &str) -> String {
    format!(
        "All messages of the account with the person who has the {alias}: under all phone numbers and user ids that WhatsApp \
        has named for this person, also those that the person wrote in groups. Queued ones are cancelled first and refunded. \
        Their events are not delivered any more."
    )
}

fn example() -> Value {
    let copies = json!([{ "place": "backups", "until": "2026-03-10T12:00:00.000Z" }]);
    json!({ "erased": 12, "remaining": 0, "hasMore": false, "copies": copies })
}

async fn erase_phone(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let phone: PhoneNumber = request.parameter("phone").parse().map_err(|error: InvalidPhoneNumber| {
        ApiError::field(ErrorCode::InvalidPhoneNumber, "phone", format!("`phone` {error}"))
    })?;
    erase(state, request, phone.into()).await
}

async fn erase_user(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let user: Result<UserId, InvalidUserId> = request.parameter("userId").parse();
    let user = user.map_err(|error| ApiError::invalid("userId", format!("`userId` {error}")))?;
    erase(state, request, Alias::User(user)).await
}

async fn erase(state: &AppState, request: ApiRequest<'_>, alias: Alias) -> ApiResult {
    let account = lookup::open_account(state, request).await?;
    let started = clock::now();
    // First, so that an attempt that meets a tombstone looks for it.
    state.accounts.check_erasure(&account.id, started).await.map_err(unavailable)?;
    let instances = state.accounts.instances(&account.id).await.map_err(unavailable)?;
    let deleted = state.accounts.deleted_instances(&account.id, None).await.map_err(unavailable)?;
    let instances = instances.into_iter().map(|instance| instance.id).chain(deleted).collect();
    let Progress { erased, remaining, has_more } = PersonErasure::new(state, alias, instances, started).run().await?;
    tracing::info!(account_id = %account.id, erased, remaining, has_more, "messages.erased");
    let now = clock::now();
    let copies = COPIES.map(|(place, seconds)| {
        let until = now.plus(Duration::from_secs(seconds)).to_string();
        UnreachableCopy { place, until }
    });
    ApiResponse::ok(&ErasureResponse { erased, remaining, has_more, copies: copies.into() })
}
