//! `DELETE /v1/admin/accounts/{accountId}`: ends everything that acts for an account. `settle` deletes its data afterwards.

use std::time::{Duration, Instant};

use shared::clock;
use shared::http::request_body::required;

use crate::lookup;
use crate::operator::account_response::AccountResponse;
use crate::prelude::*;

/// How long a request ends what acts for an account: thousands of instances may take longer, and `settle` goes on.
const TIME_OF_REQUEST: Duration = Duration::from_secs(10);
/// The parameter of the query that repeats the account's name.
const NAME: &str = "name";

pub const CLOSE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/admin/accounts/{accountId}", operator!(close)).with_query(&[NAME]),
    id: "closeAccount",
    summary: "Close an account and delete its data",
    describe: |operation| {
        operation
            .description(
                "It cannot be undone, so `name` has to repeat the account's name. From the answer on, the account's API keys and inbound \
                 URLs are refused, no message of it is sent and no webhook of it called, each as soon as caches have ended: within a \
                 minute. Its numbers can be connected by other accounts at once. A few minutes later its data is deleted, some \
                 7,000 messages a minute at most for all accounts that are closing; GET shows how far that is. A repeated request \
                 answers how far it is as well. The account's id, name, plan and times stay, and the credits that it had left.",
            )
            .query(NAME, true, json!({ "type": "string" }), "The account's name, as a confirmation")
            .answers_data::<AccountResponse>(202, AccountResponse::example_of_closing())
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::InvalidRequest])
    },
};

async fn close(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let deadline = Instant::now() + TIME_OF_REQUEST;
    let account = lookup::account(state, request).await?;
    let confirmed = required(request.query(NAME), NAME, "the account's name, since closing it cannot be undone")?;
    if confirmed != account.name {
        return Err(ApiError::invalid(NAME, "`name` is not the name of this account: nothing was closed."));
    }
    if state.accounts.begin_closing(&account.id, clock::now()).await.map_err(ApiError::internal)? {
        tracing::info!(account_id = %account.id, "account.closing");
    }
    if !account.is_closed() {
        state.accounts.stop_closing_account(&account.id, deadline).await.map_err(ApiError::internal)?;
    }
    ApiResponse::accepted(&AccountResponse::read(state, lookup::account(state, request).await?).await?)
}
