//! `POST /v1/admin/accounts/{accountId}/credits`.

use shared::http::request_body::required;
use shared::ledger::Grant;

use crate::lookup;
use crate::operator::idempotency_header;
use crate::prelude::*;

/// The most credits that are granted at once.
pub const MAX_CREDITS: i64 = 1_000_000_000_000;

/// Credits to grant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantCreditsRequest {
    /// Credits to add; a negative amount takes credits back, at most those that the account has.
    #[schema(required = true, value_type = i64, minimum = -1_000_000_000_000_i64, maximum = 1_000_000_000_000_i64)]
    amount: Option<i64>,
}

/// The account's credits.
#[derive(Serialize, ToSchema)]
struct CreditsResponse {
    /// The credits that the account has now.
    credits: i64,
}

pub const GRANT: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/admin/accounts/{accountId}/credits", operator!(grant)),
    id: "addCredits",
    summary: "Grant credits, or take them back",
    describe: |operation| {
        idempotency_header(operation, "The same key grants once, for as long as messages are kept")
            .description("A repeated request answers the credits that the account has then.")
            .body::<GrantCreditsRequest>(
                true,
                &[("grant", json!({ "amount": 500 })), ("take", json!({ "amount": -500 }))],
            )
            .answers_data::<CreditsResponse>(200, json!({ "credits": 1500 }))
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::AccountClosed, ErrorCode::IdempotencyKeyReused])
    },
};

async fn grant(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let account = lookup::open_account(state, request).await?;
    let body: GrantCreditsRequest = request.body()?;
    let amount = required(body.amount, "amount", "credits to grant, or a negative number to take back")?;
    if amount == 0 || !(-MAX_CREDITS..=MAX_CREDITS).contains(&amount) {
        let message = format!("`amount` must be from -{MAX_CREDITS} to {MAX_CREDITS} and not 0.");
        return Err(ApiError::invalid("amount", message));
    }
    let repeatable = request.repeatable(&account.id, "credits")?;
    let done = repeatable.as_ref().map(|request| request.done(&state.accounts, &amount, state.retention));
    match state.ledger.grant(&account.id, amount, done).await.map_err(ApiError::internal)? {
        Grant::Granted => tracing::info!(account_id = %account.id, amount, "credits.granted"),
        Grant::Repeated => {
            if let Some(request) = repeatable {
                request.first::<i64>(&state.accounts).await?; // refuses another body
            }
        }
        Grant::TooFew => {
            return Err(ApiError::invalid("amount", "`amount` takes back more credits than the account has."));
        }
    }
    let ledger = state.ledger.read(&account.id).await.map_err(unavailable)?;
    ApiResponse::ok(&CreditsResponse { credits: ledger.map_or(0, |ledger| ledger.credits) })
}
