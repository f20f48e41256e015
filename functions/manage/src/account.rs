//! `GET /v1/account`: what a customer's account has, and how much it may have.

use shared::account::{Plan, Scope};
use shared::ids::AccountId;

use crate::prelude::*;

/// The account of the key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnAccountResponse {
    /// The id of the account.
    id: AccountId,
    /// The operator's name for it.
    name: String,
    /// Its plan.
    plan: Plan,
    /// Messages that it can still send: one credit is one accepted message, and a message that fails gives it back.
    credits: i64,
    /// What the key may do.
    scopes: Vec<Scope>,
    /// How much it may have and do.
    limits: Limits,
}

/// How much an account may have and do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Limits {
    /// Requests a minute of each key.
    requests_per_minute: u32,
    /// Instances of the account.
    instances: usize,
    /// API keys of the account.
    api_keys: usize,
    /// Inbound URLs of the account.
    inbound_urls: usize,
    /// Webhooks of the account.
    webhooks: usize,
    /// Webhooks of one instance.
    webhooks_per_instance: usize,
}

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/account", customer!(get)),
    id: "getOwnAccount",
    summary: "Get the account of the key",
    describe: |operation| {
        let limits = json!({
            "requestsPerMinute": 2000, "instances": 1000, "apiKeys": 100, "inboundUrls": 100, "webhooks": 100,
            "webhooksPerInstance": 20,
        });
        let account = json!({
            "id": "acc_xyz789", "name": "Shop", "plan": "starter", "credits": 1000, "scopes": ["messages:read"], "limits": limits,
        });
        operation
            .description("Its plan, its credits, what the key may do, and how much it may have. Any key may ask.")
            .answers_data::<OwnAccountResponse>(200, account)
    },
};

async fn get(state: &AppState, caller: &Caller, _: ApiRequest<'_>) -> ApiResult {
    let found = state.accounts.account(caller.account()).await.map_err(unavailable)?;
    let account = found.ok_or(ErrorCode::InvalidApiKey)?;
    let ledger = state.ledger.read(&account.id).await.map_err(unavailable)?;
    let (bounds, webhooks) = (&state.bounds, &state.max_webhooks);
    ApiResponse::ok(&OwnAccountResponse {
        credits: ledger.map_or(0, |ledger| ledger.credits),
        limits: Limits {
            requests_per_minute: account.requests_per_minute(),
            instances: bounds.instances.most,
            api_keys: bounds.api_keys.most,
            inbound_urls: bounds.inbound_urls.most,
            webhooks: webhooks.of_account,
            webhooks_per_instance: webhooks.of_instance,
        },
        id: account.id,
        name: account.name,
        plan: account.plan,
        scopes: caller.scopes().to_vec(),
    })
}
