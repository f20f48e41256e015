//! Instances: the WhatsApp numbers that accounts send from.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::graph_error;
use crate::ids::{AccountId, InstanceId, WebhookId};
use crate::sealed::Sealed;

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
    /// The customer's own settings, JSON that means nothing to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// The webhook that was made with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// When it was last connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_at: Option<Timestamp>,
    /// When it was last disconnected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnected_at: Option<Timestamp>,
    /// Why it was disconnected, where anybody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnect_reason: Option<String>,
    /// Until when nothing is sent from it, since WhatsApp said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_until: Option<Timestamp>,
    /// WhatsApp's code that said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_code: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether an instance can send.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
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
    /// The number as people dial it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The name that WhatsApp shows of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_name: Option<String>,
}

/// Which instance a number of WhatsApp's belongs to: one in the whole deployment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberOwner {
    /// Whose it is.
    pub account_id: AccountId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The secret of the Meta app that signs its callbacks, where that is not the deployment's; sealed for
    /// [`NumberOwner::app_secret_place`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<Sealed>,
    /// When a callback about its messages was last stored, to within [`NumberOwner::HEARD_WITHIN`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
}

impl Number {
    /// What WhatsApp takes from a number that has not been upgraded (whatsapp-cloud-api, Errors).
    pub const STANDARD_RATE: u32 = 80;
    /// What it takes after Meta's upgrade.
    pub const HIGH_RATE: u32 = 1000;
}

impl NumberOwner {
    /// How exactly it is known when a number was last heard: a callback must not cost a write.
    pub const HEARD_WITHIN: Duration = Duration::from_secs(10);

    /// The place for which the app's secret is sealed.
    pub fn app_secret_place(number_id: &str) -> String {
        format!("number/{number_id}/appSecret")
    }
}

impl Instance {
    /// One that is not connected yet.
    pub const fn new(account_id: AccountId, id: InstanceId, name: String, now: Timestamp) -> Self {
        Self {
            id,
            account_id,
            name,
            status: Connection::Disconnected,
            number: None,
            settings: None,
            webhook_id: None,
            connected_at: None,
            disconnected_at: None,
            disconnect_reason: None,
            hold_until: None,
            hold_code: None,
            created_at: now,
        }
    }

    /// How much longer nothing is sent from it.
    pub fn held_for(&self, now: Timestamp) -> Option<Duration> {
        self.hold_until.map(|until| now.until(until)).filter(|wait| !wait.is_zero())
    }

    /// How much longer WhatsApp has stopped it for its policies' sake: what is sent meanwhile is refused.
    pub fn paused_for(&self, now: Timestamp) -> Option<Duration> {
        self.held_for(now).filter(|_| self.hold_code.is_some_and(graph_error::pauses))
    }

    /// The place for which the access token is sealed.
    pub fn token_place(account: &AccountId, instance: &InstanceId) -> String {
        format!("{account}/{instance}/accessToken")
    }
}
