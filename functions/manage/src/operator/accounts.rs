//! `/v1/admin/accounts`: accounts with their credits.

use futures::future::try_join_all;
use shared::account::{Account, AccountChanges, Plan};
use shared::aws::TableError;
use shared::aws::conditional_write::until_applied;
use shared::clock;
use shared::http::request_body::{self, required};
use shared::ids::AccountId;

use crate::lookup;
use crate::operator::account_response::AccountResponse;
use crate::operator::credits::MAX_CREDITS;
use crate::pagination::{self, CursorPage};
use crate::prelude::*;

/// The most requests a minute of an account: more than its ledger accepts (docs/money-and-limits.md, "Throughput of one account").
const MAX_REQUESTS: u32 = 1_000_000;

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateAccountRequest {
    /// What you call the account. At most 100 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Its plan.
    #[schema(default = "free")]
    plan: Option<Plan>,
    /// Requests a minute of each of its keys: with the plan `enterprise` only.
    #[schema(minimum = 1, maximum = 1_000_000)]
    requests_per_minute: Option<u32>,
    /// Whether callbacks that only an app of the account's own has signed refund credits; `false` by default.
    #[schema(default = false)]
    trust_own_app: Option<bool>,
    /// The credits that it begins with.
    #[schema(default = 0, minimum = 0, maximum = 1_000_000_000_000_i64)]
    credits: Option<i64>,
}

/// Changes of an account; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateAccountRequest {
    /// What you call the account. At most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Its plan.
    plan: Option<Plan>,
    /// Requests a minute of each of its keys: with the plan `enterprise` only.
    #[schema(minimum = 1, maximum = 1_000_000)]
    requests_per_minute: Option<u32>,
    /// Whether callbacks that only an app of the account's own has signed refund credits.
    trust_own_app: Option<bool>,
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/admin/accounts", operator!(create)),
    id: "createAccount",
    summary: "Create an account",
    describe: |operation| {
        let body = json!({ "name": "Shop", "plan": "starter", "credits": 1000 });
        operation
            .body::<CreateAccountRequest>(true, &[("account", body)])
            .answers_data::<AccountResponse>(201, AccountResponse::example())
    },
};

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/admin/accounts", operator!(list)).with_query(&["after", "limit"]),
    id: "listAccounts",
    summary: "List accounts, ordered by id",
    describe: |operation| {
        let operation =
            operation.query("after", false, json!({ "type": "string" }), "The `nextCursor` of the previous page");
        pagination::describe_cursor_page::<AccountResponse>(operation, AccountResponse::example())
            .errors(&[ErrorCode::InvalidRequest])
    },
};

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/admin/accounts/{accountId}", operator!(get)),
    id: "getAccount",
    summary: "Get an account",
    describe: |operation| {
        operation.answers_data::<AccountResponse>(200, AccountResponse::example()).errors(&[ErrorCode::AccountNotFound])
    },
};

pub const UPDATE: Endpoint = Endpoint {
    route: Route::new("PATCH", "/v1/admin/accounts/{accountId}", operator!(update)),
    id: "updateAccount",
    summary: "Update an account",
    describe: |operation| {
        let body = json!({ "plan": "enterprise", "requestsPerMinute": 50000 });
        operation
            .description("Absent fields stay as they are. New limits apply to the account's API keys within a minute.")
            .body::<UpdateAccountRequest>(true, &[("plan", body)])
            .answers_data::<AccountResponse>(200, AccountResponse::example())
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::AccountClosed])
    },
};

async fn create(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let body: CreateAccountRequest = request.body()?;
    let name = request_body::name(required(body.name, "name", "what you call the account")?)?;
    let plan = body.plan.unwrap_or(Plan::Free);
    let requests_per_minute = own_rate(plan, body.requests_per_minute)?;
    let credits = body.credits.unwrap_or(0);
    if !(0..=MAX_CREDITS).contains(&credits) {
        return Err(ApiError::invalid("credits", format!("`credits` must be from 0 to {MAX_CREDITS}.")));
    }
    let id = AccountId::generate();
    let trust_own_app = body.trust_own_app.unwrap_or_default();
    let account = Account { requests_per_minute, trust_own_app, ..Account::new(id, name, plan, clock::now()) };
    // The ledger first: an account that can be seen has one.
    state.ledger.open(&account.id, credits).await.map_err(ApiError::internal)?;
    state.accounts.put_account(&account).await.map_err(ApiError::internal)?;
    tracing::info!(account_id = %account.id, "account.created");
    ApiResponse::created(&AccountResponse::read(state, account).await?)
}

async fn list(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let after = request.parse_query("after", "must be the `nextCursor` of a page.")?;
    let limit = pagination::limit(request)?;
    let (ids, has_more) = state.accounts.account_ids(after.as_ref(), limit).await.map_err(unavailable)?;
    let next_cursor = ids.last().filter(|_| has_more).map(ToString::to_string);
    let accounts = try_join_all(ids.iter().map(|id| state.accounts.account(id))).await.map_err(unavailable)?;
    let rows = accounts.into_iter().flatten().map(|account| AccountResponse::read(state, account));
    ApiResponse::page(&try_join_all(rows).await?, CursorPage { has_more, next_cursor })
}

async fn get(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let account = lookup::account(state, request).await?;
    ApiResponse::ok(&AccountResponse::read(state, account).await?)
}

async fn update(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let changed = until_applied(|| async {
        let account = lookup::open_account(state, request).await?;
        let body: UpdateAccountRequest = request.body()?;
        let changes = AccountChanges {
            name: body.name.map(request_body::name).transpose()?,
            plan: body.plan,
            requests_per_minute: own_rate(body.plan.unwrap_or(account.plan), body.requests_per_minute)?,
            trust_own_app: body.trust_own_app,
        };
        state.accounts.change_account(account, changes).await.map_err(ApiError::internal)
    });
    let changed = changed.await?.ok_or_else(|| ApiError::internal(TableError::Conflict))?;
    ApiResponse::ok(&AccountResponse::read(state, changed).await?)
}

/// The account's own rate, which only the plan enterprise has.
fn own_rate(plan: Plan, rate: Option<u32>) -> Result<Option<u32>, ApiError> {
    let invalid = |message: String| Err(ApiError::invalid("requestsPerMinute", message));
    match rate {
        Some(_) if plan != Plan::Enterprise => invalid(
            "`requestsPerMinute` is allowed only with the plan `enterprise`: the other plans' limits are fixed."
                .to_owned(),
        ),
        Some(rate) if !(1..=MAX_REQUESTS).contains(&rate) => {
            invalid(format!("`requestsPerMinute` must be from 1 to {MAX_REQUESTS}."))
        }
        rate => Ok(rate),
    }
}
