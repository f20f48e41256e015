//! Accounts.

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::ledger::RateLimit;

/// A customer of the deployment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The operator's name for it.
    pub name: String,
    /// Its plan, which sets its limits.
    pub plan: Plan,
    /// Requests a minute and key, on the plan that leaves them to the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Whether callbacks that only an app of its own has signed refund credits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trust_own_app: bool,
    /// Set when it is being closed, and for ever after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<AccountClosing>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// That an account is being closed or is closed. Nobody acts for it any more.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountClosing {
    /// Since when.
    pub since: Timestamp,
    /// What is left of it, when its data is deleted.
    pub closed: Option<ClosedAccount>,
}

/// What is kept of a closed account beside its record.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosedAccount {
    /// When the last of its data was deleted.
    pub at: Timestamp,
    /// The credits that it had left.
    pub credits: i64,
    /// How many messages were deleted.
    pub messages_deleted: u64,
}

impl Account {
    /// An account that is created now.
    pub const fn new(id: AccountId, name: String, plan: Plan, now: Timestamp) -> Self {
        Self { id, name, plan, requests_per_minute: None, trust_own_app: false, closing: None, created_at: now }
    }

    /// Whether anybody may act for it.
    pub const fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    /// Whether its data is deleted.
    pub fn is_closed(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.closed.is_some())
    }

    /// Requests a minute of each of its keys.
    pub fn requests_per_minute(&self) -> u32 {
        let own = self.requests_per_minute.filter(|_| self.plan == Plan::Enterprise);
        own.unwrap_or_else(|| self.plan.requests_per_minute())
    }

    /// The limit of each of its keys.
    pub fn rate_limit(&self) -> RateLimit {
        RateLimit::per_minute(self.requests_per_minute())
    }
}
