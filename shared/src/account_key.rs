//! Where each thing of an account lies in the table of accounts: one partition an account, so that another account's
//! id finds nothing.
//!
//! | pk | sk | item |
//! |---|---|---|
//! | `acc_…` | `account` | [`Account`](crate::account::Account) |
//! | `acc_…` | `meter` | [`Meter`](crate::meter::Meter) |
//! | `acc_…` | `key_…` | [`KeyListing`](crate::account::KeyListing) |
//! | `acc_…` | `inst_…` | [`Instance`](crate::instance::Instance) |
//! | `acc_…` | `gone#inst_…` | an instance that was deleted and whose messages may still be kept |
//! | `acc_…` | `wh_…` | [`Webhook`](crate::webhook::Webhook) |
//! | `acc_…` | `operator` | [`Webhook`](crate::webhook::Webhook) of the operator's, told of the account's webhooks |
//! | `acc_…` | `inbound#wh_…` | [`InboundListing`](crate::account::InboundListing) |
//! | `acc_…` | `limit#<key id>#<class>` | the arrival time of a key's requests of one class |
//! | `key#<hash>` | `key` | [`ApiKey`](crate::account::ApiKey) |
//! | `inbound#<hash>` | `inbound` | [`ApiKey`](crate::account::ApiKey) of one instance |
//! | `number#<WhatsApp's id>` | `number` | [`NumberOwner`](crate::instance::NumberOwner) |
//! | `log#<webhook id>` | `<time>.log_…` | [`DeliveryLog`](crate::delivery_log::DeliveryLog) |
//! | `replay#<webhook id>` | `rpl_…` | [`Replay`](crate::webhook_replay::Replay) |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::api_key::KeyHash;
use crate::change::Item;
use crate::ids::{AccountId, InstanceId, KeyId, ReplayId, WebhookId};

/// What deleted instances' sort keys begin with.
pub const GONE: &str = "gone#";
/// What the sort keys of inbound URLs begin with.
pub const INBOUND: &str = "inbound#";

/// The key of an item.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ItemKey {
    /// The partition.
    pub pk: String,
    /// The place in it.
    pub sk: String,
}

impl ItemKey {
    fn of(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// An account itself.
    pub fn account(account: &AccountId) -> Self {
        Self::of(account.as_str(), "account")
    }

    /// An account's meter.
    pub fn meter(account: &AccountId) -> Self {
        Self::of(account.as_str(), crate::meter::SORT_KEY)
    }

    /// A key in its account's list.
    pub fn listed_key(account: &AccountId, key: &KeyId) -> Self {
        Self::of(account.as_str(), key.as_str())
    }

    /// A key by its hash.
    pub fn key(hash: &KeyHash) -> Self {
        Self::of(format!("key#{}", hash.as_str()), "key")
    }

    /// An inbound URL in its account's list.
    pub fn listed_inbound(account: &AccountId, id: &WebhookId) -> Self {
        Self::of(account.as_str(), format!("{INBOUND}{id}"))
    }

    /// An inbound URL by its token's hash.
    pub fn inbound(hash: &KeyHash) -> Self {
        Self::of(format!("{INBOUND}{}", hash.as_str()), "inbound")
    }

    /// An instance.
    pub fn instance(account: &AccountId, instance: &InstanceId) -> Self {
        Self::of(account.as_str(), instance.as_str())
    }

    /// What is left of an instance that was deleted.
    pub fn gone_instance(account: &AccountId, instance: &InstanceId) -> Self {
        Self::of(account.as_str(), format!("{GONE}{instance}"))
    }

    /// A webhook.
    pub fn webhook(account: &AccountId, webhook: &WebhookId) -> Self {
        Self::of(account.as_str(), webhook.as_str())
    }

    /// The operator's webhook for an account.
    pub fn operator_webhook(account: &AccountId) -> Self {
        Self::of(account.as_str(), "operator")
    }

    /// A replay of a webhook's events.
    pub fn replay(webhook: &WebhookId, replay: &ReplayId) -> Self {
        Self::of(format!("replay#{webhook}"), replay.as_str())
    }

    /// Which instance a number of WhatsApp's belongs to.
    pub fn number(number_id: &str) -> Self {
        Self::of(format!("number#{number_id}"), "number")
    }

    /// A key's requests of one class.
    pub fn limit(account: &AccountId, key: &KeyId, class: &str) -> Self {
        Self::of(account.as_str(), format!("limit#{key}#{class}"))
    }

    /// A row of a webhook's delivery log.
    pub fn log(webhook: &WebhookId, row: &str) -> Self {
        Self::of(Self::log_partition(webhook), row)
    }

    /// The partition of a webhook's delivery log.
    pub fn log_partition(webhook: &WebhookId) -> String {
        format!("log#{webhook}")
    }
}

impl ItemKey {
    /// The key of an item that was read.
    pub fn read(item: &Item) -> Self {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        Self { pk: text("pk"), sk: text("sk") }
    }
}

impl From<ItemKey> for Item {
    fn from(key: ItemKey) -> Self {
        HashMap::from([("pk".to_owned(), AttributeValue::S(key.pk)), ("sk".to_owned(), AttributeValue::S(key.sk))])
    }
}
