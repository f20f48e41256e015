//! Accounts and the keys that open them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, KeyId, WebhookId};
use crate::rate_limit::RateLimit;

/// A customer of the deployment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What the operator calls it.
    pub name: String,
    /// Which limits it has.
    pub plan: Plan,
    /// Requests a minute and key, where the plan leaves them to the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// When it was made.
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
    /// A figure of the account's own.
    Enterprise,
}

impl Plan {
    /// Requests a minute and key, unless the account has a figure of its own.
    pub const fn requests_per_minute(self) -> u32 {
        match self {
            Self::Free => 500,
            Self::Starter => 2_000,
            Self::Pro | Self::Enterprise => 10_000,
        }
    }
}

impl Account {
    /// The limit of each of its keys.
    pub fn rate_limit(&self) -> RateLimit {
        let own = self.requests_per_minute.filter(|_| self.plan == Plan::Enterprise);
        RateLimit::per_minute(own.unwrap_or_else(|| self.plan.requests_per_minute()))
    }
}

/// What a key may do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub enum Scope {
    /// Read status and history.
    #[serde(rename = "messages:read")]
    MessagesRead,
    /// Send and cancel.
    #[serde(rename = "messages:write")]
    MessagesWrite,
    /// Read instances.
    #[serde(rename = "instances:read")]
    InstancesRead,
    /// Create, connect and change instances.
    #[serde(rename = "instances:write")]
    InstancesWrite,
    /// Read webhooks and their logs.
    #[serde(rename = "webhooks:read")]
    WebhooksRead,
    /// Create and change webhooks.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
}

impl Scope {
    /// Every scope: what a key has when none are named.
    pub const ALL: [Self; 6] = [
        Self::MessagesRead,
        Self::MessagesWrite,
        Self::InstancesRead,
        Self::InstancesWrite,
        Self::WebhooksRead,
        Self::WebhooksWrite,
    ];

    /// The contract's word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MessagesRead => "messages:read",
            Self::MessagesWrite => "messages:write",
            Self::InstancesRead => "instances:read",
            Self::InstancesWrite => "instances:write",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
        }
    }
}

/// A key to the API, as the table holds it under the key's hash.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Its public name.
    pub id: KeyId,
    /// The account that it opens.
    pub account_id: AccountId,
    /// What the operator calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// After this it is refused as expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The one instance that the token of an inbound URL may send from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key in its account's list: what the operator sees, and the hash under which the key itself lies.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyListing {
    /// The key.
    pub key: ApiKey,
    /// Its hash.
    pub hash: String,
}

/// An inbound URL in its account's list.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InboundListing {
    /// By which it is removed, as a webhook is.
    pub id: WebhookId,
    /// The instance that it sends from.
    pub instance_id: InstanceId,
    /// The hash of its token.
    pub hash: String,
}
