//! What the operator sees of an account.

use shared::account::{Account, AccountClosing, Plan};
use shared::clock;
use shared::closing::{Closing, UNTIL_UNUSED};
use shared::ids::AccountId;

use crate::prelude::*;

shared::words! {
    /// Whether an account can be used.
    AccountStatus = ["active", "closing", "closed"];
    /// What closing an account is about to end or to delete.
    ClosingStep = ["stopping", "waiting", "messages", "otherData", "completed"];
}

/// An account.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountResponse {
    /// The id of the account.
    id: AccountId,
    /// What you call it.
    name: String,
    /// Whether it can be used.
    #[schema(value_type = AccountStatus)]
    status: &'static str,
    /// Its plan.
    plan: Plan,
    /// Requests a minute of each of its keys.
    requests_per_minute: u32,
    /// Whether callbacks that only an app of the account's own has signed refund credits.
    trust_own_app: bool,
    /// Messages that it can still send; of a closed account, those that it had left.
    credits: i64,
    /// How far its closing has come, if it is closing or closed.
    closing: Option<ClosingResponse>,
    /// When it was created.
    #[schema(format = DateTime)]
    created_at: String,
}

/// How far the closing of an account has come.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ClosingResponse {
    /// When it began: nobody acts for the account any more.
    #[schema(format = DateTime)]
    started_at: String,
    /// What it is doing: `stopping`: ends what acts for the account; `waiting`: for requests that were in progress, a few minutes;
    /// `messages`: deletes messages and contacts; `otherData`: deletes files, logs and statistics; `completed`.
    #[schema(value_type = ClosingStep)]
    step: &'static str,
    /// Messages that were deleted, at least: after a crash some are not counted.
    messages_deleted: u64,
    /// Messages that were being sent, or whose outcome was not known, at the last look. They end by themselves within a day, and
    /// are deleted then.
    messages_in_progress: u64,
    /// When the last of its data was deleted.
    #[schema(format = DateTime)]
    completed_at: Option<String>,
}

impl AccountResponse {
    /// An account with its credits and how far its closing has come, which are read.
    pub async fn read(state: &AppState, account: Account) -> Result<Self, ApiError> {
        let ledger = state.ledger.read(&account.id).await.map_err(unavailable)?;
        let (is_open, is_closed) = (account.is_open(), account.is_closed());
        let work = match is_open || is_closed {
            true => None,
            false => state.accounts.closing(&account.id).await.map_err(unavailable)?,
        };
        let kept = account.closing.as_ref().and_then(|closing| closing.closed.as_ref());
        let credits_left = kept.map_or(0, |closed| closed.credits);
        Ok(Self {
            status: if is_open {
                "active"
            } else if is_closed {
                "closed"
            } else {
                "closing"
            },
            credits: ledger.map_or(credits_left, |ledger| ledger.credits),
            requests_per_minute: account.requests_per_minute(),
            trust_own_app: account.trust_own_app,
            closing: account.closing.map(|closing| ClosingResponse::new(&closing, work.as_ref())),
            id: account.id,
            name: account.name,
            plan: account.plan,
            created_at: account.created_at.to_string(),
        })
    }

    /// An example of an account that is in use.
    pub fn example() -> Value {
        json!({
            "id": "acc_xyz789", "name": "Shop", "status": "active", "plan": "starter", "requestsPerMinute": 2000,
            "trustOwnApp": false, "credits": 1000, "createdAt": "2026-02-03T12:00:00.000Z",
        })
    }

    /// An example of one that is closing.
    pub fn example_of_closing() -> Value {
        let mut example = Self::example();
        example["status"] = json!("closing");
        example["closing"] = json!({
            "startedAt": "2026-03-03T12:00:00.000Z", "step": "waiting", "messagesDeleted": 0, "messagesInProgress": 0,
        });
        example
    }
}

impl ClosingResponse {
    /// `work` is what is still needed; none of a closed account, or of one that was closed a moment ago.
    fn new(closing: &AccountClosing, work: Option<&Closing>) -> Self {
        let messages_deleted = match &closing.closed {
            Some(closed) => closed.messages_deleted,
            None => work.map_or(0, |work| work.messages_deleted),
        };
        Self {
            started_at: closing.since.to_string(),
            step: if closing.closed.is_some() { "completed" } else { work.map_or("otherData", step) },
            messages_deleted,
            messages_in_progress: work.map_or(0, |work| work.messages_in_progress),
            completed_at: closing.closed.as_ref().map(|closed| closed.at.to_string()),
        }
    }
}

fn step(work: &Closing) -> &'static str {
    match work.stopped_at {
        None => "stopping",
        Some(at) if clock::now() < at.plus(UNTIL_UNUSED) => "waiting",
        Some(_) if work.is_without_messages => "otherData",
        Some(_) => "messages",
    }
}
