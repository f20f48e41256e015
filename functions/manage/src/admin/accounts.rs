//! Accounts: created, listed, changed. Each comes with what its meter says.

use futures::future::try_join_all;
use lambda_http::Request;
use serde::{Deserialize, Serialize};
use shared::account::{Account, Plan};
use shared::api_error::ApiError;
use shared::clock;
use shared::ids::AccountId;
use shared::request_body::{self, required};
use utoipa::ToSchema;

use super::unavailable;
use crate::answer::{Answer, CursorPage};
use crate::query;
use crate::router::Manager;

/// The most requests a minute that an account may have: more than a meter takes (docs/architecture.md, Ceilings).
const MAX_REQUESTS: u32 = 1_000_000;
/// The most credits that are given at once.
pub const MAX_CREDITS: i64 = 1_000_000_000_000;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewAccountBody)]
pub struct NewFields {
    #[schema(required = true, value_type = String)]
    name: Option<String>,
    plan: Option<Plan>,
    requests_per_minute: Option<u32>,
    credits: Option<i64>,
}

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AccountBody)]
pub struct ChangedFields {
    name: Option<String>,
    plan: Option<Plan>,
    requests_per_minute: Option<u32>,
}

/// An account as the operator sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct Shown {
    id: AccountId,
    name: String,
    plan: Plan,
    requests_per_minute: u32,
    credits: i64,
    created_at: String,
}

/// `POST /v1/admin/accounts`.
pub async fn create(manager: &Manager, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: NewFields = request_body::read(body)?;
    let name = request_body::name(required(fields.name, "name", "what you call the account")?)?;
    let plan = fields.plan.unwrap_or(Plan::Free);
    let requests_per_minute = own_rate(plan, fields.requests_per_minute)?;
    let credits = fields.credits.unwrap_or(0);
    if !(0..=MAX_CREDITS).contains(&credits) {
        return Err(ApiError::invalid("credits", format!("must be from 0 to {MAX_CREDITS}")));
    }
    let id = AccountId::generate();
    let account = Account { id, name, plan, requests_per_minute, created_at: clock::now() };
    // The meter first: an account that can be seen has one.
    manager.books.accounts.open_meter(&account.id, credits).await.map_err(ApiError::internal)?;
    manager.books.accounts.put_account(&account).await.map_err(ApiError::internal)?;
    tracing::info!(account_id = %account.id, "account.created");
    Answer::created(&shown(manager, account).await?)
}

/// `GET /v1/admin/accounts`, in the order of their ids; `after` is the page's `nextCursor`.
pub async fn list(manager: &Manager, request: &Request) -> Result<Answer, ApiError> {
    let after = query::parsed(request, "after", "must be the nextCursor of a page")?;
    let limit = query::limit(request)?;
    let accounts = &manager.books.accounts;
    let (ids, has_more) = accounts.list("account", after.as_ref(), Some(limit)).await.map_err(unavailable)?;
    let next_cursor = ids.last().filter(|_| has_more).map(ToString::to_string);
    let found = try_join_all(ids.iter().map(|id| accounts.account(id))).await.map_err(unavailable)?;
    let rows = try_join_all(found.into_iter().flatten().map(|account| shown(manager, account))).await?;
    Answer::page(&rows, CursorPage { has_more, next_cursor })
}

/// `PATCH /v1/admin/accounts/{id}`: what is named changes, the rest stays. Keys follow within a minute.
pub async fn update(manager: &Manager, account: Account, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: ChangedFields = request_body::read(body)?;
    let plan = fields.plan.unwrap_or(account.plan);
    let own = fields.requests_per_minute.or(account.requests_per_minute.filter(|_| plan == Plan::Enterprise));
    let changed = Account {
        name: fields.name.map(request_body::name).transpose()?.unwrap_or(account.name),
        plan,
        requests_per_minute: own_rate(plan, own)?,
        ..account
    };
    manager.books.accounts.put_account(&changed).await.map_err(ApiError::internal)?;
    show(manager, changed).await
}

/// `GET /v1/admin/accounts/{id}`.
pub async fn show(manager: &Manager, account: Account) -> Result<Answer, ApiError> {
    Answer::ok(&shown(manager, account).await?)
}

async fn shown(manager: &Manager, account: Account) -> Result<Shown, ApiError> {
    let meter = manager.books.accounts.meter(&account.id).await.map_err(unavailable)?;
    let requests_per_minute = account.requests_per_minute.unwrap_or(account.plan.requests_per_minute());
    Ok(Shown {
        credits: meter.map_or(0, |meter| meter.credits),
        id: account.id,
        name: account.name,
        plan: account.plan,
        requests_per_minute,
        created_at: account.created_at.to_string(),
    })
}

/// A figure of the account's own, which only enterprise has.
fn own_rate(plan: Plan, rate: Option<u32>) -> Result<Option<u32>, ApiError> {
    match rate {
        Some(_) if plan != Plan::Enterprise => {
            Err(ApiError::invalid("requestsPerMinute", "goes with the plan enterprise only; the others have their own"))
        }
        Some(rate) if !(1..=MAX_REQUESTS).contains(&rate) => {
            Err(ApiError::invalid("requestsPerMinute", format!("must be from 1 to {MAX_REQUESTS}")))
        }
        rate => Ok(rate),
    }
}
