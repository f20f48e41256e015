//! Accounts and their plans.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// When it was created.
    pub created_at: Timestamp,
}

/// The contract's plans.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// 500 requests a minute and key.
    Free,
    /// 2,000 requests a minute and key.
    Starter,
    /// 10,000 requests a minute and key.
    Pro,
    /// The account's own figure.
    Enterprise,
}

impl Plan {
    /// Requests a minute and key, unless the account has its own figure.
    pub const fn requests_per_minute(self) -> u32 {
        match self {
            Self::Free => 500,
            Self::Starter => 2_000,
            Self::Pro | Self::Enterprise => 10_000,
        }
    }
}

impl Account {
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
