//! What an account has: keys, instances, webhooks.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, KeyId, WebhookId};
use crate::rate_limit::RateLimit;
use crate::sealed::Sealed;
use crate::state::Transition;

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
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
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
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
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
    /// When it was made.
    pub created_at: Timestamp,
}

/// A WhatsApp number that an account sends from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Whose it is.
    pub account_id: AccountId,
    /// What the customer calls it.
    pub name: String,
    /// Whether it can send.
    pub status: Connection,
    /// The number and its token, once it was connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether an instance can send.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Connection {
    /// Its number and token were checked with WhatsApp.
    Connected,
    /// Not connected yet, disconnected by the customer, or its token died.
    Disconnected,
}

/// A number at WhatsApp.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Number {
    /// WhatsApp's id of it, the `phone_number_id`.
    pub id: String,
    /// The WhatsApp business account that it belongs to.
    pub business_id: String,
    /// Sealed for [`Instance::token_place`].
    pub access_token: Sealed,
    /// Messages a second that WhatsApp takes from it.
    pub rate: u32,
}

impl Number {
    /// What WhatsApp takes from a number that has not been upgraded (whatsapp-cloud-api, Errors).
    pub const STANDARD_RATE: u32 = 80;

    /// The slots of its messages: four fifths of its rate, since what comes in counts as well. At most 20 minutes or
    /// 20,000 messages are booked ahead.
    pub fn slots(&self) -> RateLimit {
        let interval = 1_250_000 / i64::from(self.rate.max(1));
        RateLimit::every(interval, (20 * 60 * 1_000_000 / interval).min(20_000))
    }
}

impl Instance {
    /// The place for which the access token is sealed.
    pub fn token_place(account: &AccountId, instance: &InstanceId) -> String {
        format!("{account}/{instance}/accessToken")
    }
}

/// A customer's address that is told of events.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The instance whose events it gets.
    pub instance_id: InstanceId,
    /// What the customer calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it listens.
    pub url: String,
    /// The events that it gets, by the contract's names.
    pub events: Vec<String>,
    /// Sealed for [`Webhook::secret_place`].
    pub secret: Sealed,
    /// Whether it is called at all.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Webhook {
    /// The place for which the secret is sealed.
    pub fn secret_place(account: &AccountId, webhook: &WebhookId) -> String {
        format!("{account}/{webhook}/secret")
    }

    /// Whether it is told of this transition of a message of this instance.
    pub fn wants(&self, instance: &InstanceId, transition: Transition) -> bool {
        self.active && self.instance_id == *instance && self.events.iter().any(|event| event == transition.event())
    }
}
