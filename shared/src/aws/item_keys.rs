//! The keys of the table of accounts: one partition an account, so that an id of another account finds nothing.
//!
//! | pk | sk | item |
//! |---|---|---|
//! | `acc_…` | `account` | [`Account`](crate::account::record::Account) |
//! | `acc_…` | `meter` | the account's ledger, [`LedgerItem`](crate::ledger::ledger_item::LedgerItem) |
//! | `acc_…` | `closing` | what closing the account still needs, [`Closing`](crate::closing::Closing) |
//! | `acc_…` | `key_…` | [`KeyListing`](crate::account::api_key::KeyListing) |
//! | `acc_…` | `inst_…` | [`Instance`](crate::instance::record::Instance) |
//! | `acc_…` | `gone#inst_…` | the tombstone of a deleted instance, whose messages may still be kept |
//! | `acc_…` | `wh_…` | [`Webhook`](crate::webhook::record::Webhook) |
//! | `acc_…` | `former#wh_…` | leads to the log of a deleted webhook, [`DeletedWebhook`](crate::webhook::DeletedWebhook) |
//! | `acc_…` | `wh-lst_…` | [`Listener`](crate::listener::record::Listener) |
//! | `acc_…` | `operator` | [`Webhook`](crate::webhook::record::Webhook) that notifies the operator about the account's webhooks |
//! | `acc_…` | `waiting` | lists the account while webhook deliveries of it wait, [`WaitingAccount`](crate::webhook::waiting::WaitingAccount) |
//! | `acc_…` | `inbound#wh_…` | [`InboundUrlListing`](crate::account::inbound_url::InboundUrlListing) |
//! | `acc_…` | `creations` | the version of what the account has created, [`account::creations`](crate::account::creations) |
//! | `acc_…` | `repeat#<operation>#<hash>` | what the operator's request with an Idempotency-Key has done, [`account::repeatable_request`](crate::account::repeatable_request) |
//! | `acc_…` | `running#<kind>` | leases of what is in progress, of a [`ConcurrencyLimit`](crate::account::concurrency_limit::ConcurrencyLimit) |
//! | `acc_…` | `late#inst_…#<time>#msg_…` | [`LateEvent`](crate::message::late_events::LateEvent) |
//! | `acc_…` | `slots#inst_…` | the slots of one instance, [`LedgerItem`](crate::ledger::ledger_item::LedgerItem) |
//! | `acc_…` | `template#<business account>#<name>` | [`TemplateCopy`](crate::instance::template_copy::TemplateCopy) |
//! | `acc_…` | `refund#msg_…` | notes that the credit of a message was refunded |
//! | `acc_…` | `limit#<key id>#<class>` | arrival time of a key's requests of one endpoint class |
//! | `acc_…` | `limit#inbound` | arrival time of what the account receives |
//! | `acc_…` | `limit#replays` | arrival time of the events that the account replays |
//! | `acc_…` | `limit#callbacks#<WhatsApp's id of a number>` | arrival time of what the customer's own app reports about a number |
//! | `acc_…` | `limit#callbacks#none` | arrival time of what the customer's own app reports without naming a number |
//! | `key#<hash>` | `key` | [`ApiKey`](crate::account::api_key::ApiKey) |
//! | `inbound#<hash>` | `inbound` | [`ApiKey`](crate::account::api_key::ApiKey) of one instance |
//! | `number#<WhatsApp's id>` | `number` | [`NumberOwner`](crate::instance::record::NumberOwner) |
//! | `number#<WhatsApp's id>` | `freed` | [`FreedNumber`](crate::instance::record::FreedNumber), the tombstone of its last owner |
//! | `business#<WhatsApp's id>` | `<WhatsApp's id of a number>` | lists a number under its business account, [`instance::business`](crate::instance::business) |
//! | `event#<id>` | `event` | an [`Event`](crate::event::Event) that waits for the stream, [`webhook::outbox`](crate::webhook::outbox) |
//! | `media#acc_…` | `media_…` | a [`Media`](crate::media::record::Media) |
//! | `media#acc_…` | `msg_…` | the file of a received message, [`InboundFile`](crate::media::inbound::InboundFile) |
//! | `media#acc_…` | `usage` | how much the account has uploaded, [`media::usage`](crate::media::usage) |
//! | `batch#acc_…` | `batch_…` | a [`Batch`](crate::batch::record::Batch) |
//! | `batch#acc_…` | `at#<time>.batch_…` | lists a batch by the time of its request |
//! | `batch#acc_…` | `of#inst_…#<time>.batch_…` | stands for the messages of a batch in its instance's history |
//! | `batch#acc_…` | `open#inst_…#batch_…` | what is left to do about a batch, [`OpenBatch`](crate::batch::open_batch::OpenBatch) |
//! | `listen#lst_…` | `<time>.<random>` | an event for a listener, [`KeptEvent`](crate::listener::kept_event::KeptEvent) |
//! | `log#<webhook id>` | `<time>.log_…` | [`DeliveryLog`](crate::webhook::delivery_log::DeliveryLog) |
//! | `dead#<shard>` | `<time>.dl_…` | [`DeadLetter`](crate::webhook::dead_letters::DeadLetter) |
//! | `statistics#acc_…` | `<day>#inst_…` | counts of messages, `manage`'s `statistics` |
//! | `replay#<webhook id>` | `rpl_…` | [`Replay`](crate::webhook::replay::Replay) |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::aws::update::Item;
use crate::clock::Timestamp;
use crate::ids::{AccountId, BatchId, InstanceId, KeyId, ListenerId, MediaId, MessageId, ReplayId, WebhookId};

/// Sort key of accounts, and their `kind` in the index `byKind`.
pub const ACCOUNT: &str = "account";
/// Sort key of ledgers, and their `kind` in the index `byKind`. The name is from before the word ledger.
pub const LEDGER: &str = "meter";
/// Sort key of what closing an account still needs, and its `kind` in the index `byKind`.
pub const CLOSING: &str = "closing";
/// Prefix of the sort keys of deleted webhooks whose logs may still be kept.
pub const FORMER_WEBHOOK: &str = "former#";
/// Prefix of the sort keys of deleted instances' tombstones.
pub const TOMBSTONE: &str = "gone#";
/// Prefix of the sort keys of late events.
pub const LATE_EVENT: &str = "late#";
/// Prefix of the sort keys of instances' slots.
pub const SLOTS: &str = "slots#";
/// Prefix of the sort keys of batches in their list.
pub const LISTED_BATCH: &str = "at#";
/// Prefix of the sort keys of inbound URLs.
pub const INBOUND_URL: &str = "inbound#";

/// Prefix of the sort keys of listeners: right before those of webhooks, so that one query reads both.
pub const LISTENER: &str = "wh-";

/// Prefix of the partition keys of events in the outbox.
pub const EVENT: &str = "event#";

/// The key of an item.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ItemKey {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl ItemKey {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// An account.
    pub fn account(account: &AccountId) -> Self {
        Self::new(account.as_str(), ACCOUNT)
    }

    /// An account's ledger.
    pub fn ledger(account: &AccountId) -> Self {
        Self::new(account.as_str(), LEDGER)
    }

    /// What closing an account still needs.
    pub fn closing(account: &AccountId) -> Self {
        Self::new(account.as_str(), CLOSING)
    }

    /// The slots of an instance, of an account whose ledger does not hold them.
    pub fn slots(account: &AccountId, instance: &InstanceId) -> Self {
        Self::new(account.as_str(), format!("{SLOTS}{instance}"))
    }

    /// The copy of the templates with a name, of a business account by WhatsApp's id.
    pub fn template(account: &AccountId, business_id: &str, name: &str) -> Self {
        Self::new(account.as_str(), format!("template#{business_id}#{name}"))
    }

    /// The note that a message's credit was refunded.
    pub fn refund(account: &AccountId, message: &MessageId) -> Self {
        Self::new(account.as_str(), format!("refund#{message}"))
    }

    /// A key in its account's list.
    pub fn key_listing(account: &AccountId, key: &KeyId) -> Self {
        Self::new(account.as_str(), key.as_str())
    }

    /// An API key by its hash.
    pub fn api_key(hash: &str) -> Self {
        Self::new(format!("key#{hash}"), "key")
    }

    /// An inbound URL in its account's list.
    pub fn inbound_url_listing(account: &AccountId, id: &WebhookId) -> Self {
        Self::new(account.as_str(), format!("{INBOUND_URL}{id}"))
    }

    /// An inbound URL by its token's hash.
    pub fn inbound_url(hash: &str) -> Self {
        Self::new(format!("{INBOUND_URL}{hash}"), "inbound")
    }

    /// An instance.
    pub fn instance(account: &AccountId, instance: &InstanceId) -> Self {
        Self::new(account.as_str(), instance.as_str())
    }

    /// The tombstone of a deleted instance.
    pub fn tombstone(account: &AccountId, instance: &InstanceId) -> Self {
        Self::new(account.as_str(), format!("{TOMBSTONE}{instance}"))
    }

    /// A listener.
    pub fn listener(account: &AccountId, listener: &ListenerId) -> Self {
        Self::new(account.as_str(), format!("{LISTENER}{listener}"))
    }

    /// An event that waits for a listener.
    pub fn kept_event(listener: &ListenerId, place: &str) -> Self {
        Self::new(format!("listen#{listener}"), place)
    }

    /// A webhook.
    pub fn webhook(account: &AccountId, webhook: &WebhookId) -> Self {
        Self::new(account.as_str(), webhook.as_str())
    }

    /// What leads to the log of a deleted webhook.
    pub fn former_webhook(account: &AccountId, webhook: &WebhookId) -> Self {
        Self::new(account.as_str(), format!("{FORMER_WEBHOOK}{webhook}"))
    }

    /// The operator's webhook for an account.
    pub fn operator_webhook(account: &AccountId) -> Self {
        Self::new(account.as_str(), "operator")
    }

    /// The version of what an account has created.
    pub fn creations(account: &AccountId) -> Self {
        Self::new(account.as_str(), "creations")
    }

    /// What a request of the operator with an Idempotency-Key has done, by the hash of the key.
    pub fn repeat(account: &AccountId, operation: &str, hash: &str) -> Self {
        Self::new(account.as_str(), format!("repeat#{operation}#{hash}"))
    }

    /// The leases of an account's operations of one kind.
    pub fn running(account: &AccountId, kind: &str) -> Self {
        Self::new(account.as_str(), format!("running#{kind}"))
    }

    /// A replay of a webhook's events.
    pub fn replay(webhook: &WebhookId, replay: &ReplayId) -> Self {
        Self::new(Self::replay_partition(webhook), replay.as_str())
    }

    /// The partition of a webhook's replays.
    pub fn replay_partition(webhook: &WebhookId) -> String {
        format!("replay#{webhook}")
    }

    /// The owner of a WhatsApp number, by WhatsApp's id of the number.
    pub fn number(number_id: &str) -> Self {
        Self::new(format!("number#{number_id}"), "number")
    }

    /// The tombstone of the last owner of a WhatsApp number.
    pub fn freed_number(number_id: &str) -> Self {
        Self::new(format!("number#{number_id}"), "freed")
    }

    /// A number in the list of its business account, by WhatsApp's ids of both.
    pub fn business_number(business_id: &str, number_id: &str) -> Self {
        Self::new(Self::business_partition(business_id), number_id)
    }

    /// The partition of a business account's numbers.
    pub fn business_partition(business_id: &str) -> String {
        format!("business#{business_id}")
    }

    /// An event in the outbox.
    pub fn event(id: &str) -> Self {
        Self::new(format!("{EVENT}{id}"), "event")
    }

    /// The arrival time of a key's requests of one endpoint class.
    pub fn key_limit(account: &AccountId, key: &KeyId, class: &str) -> Self {
        Self::new(account.as_str(), format!("limit#{key}#{class}"))
    }

    /// The arrival time of something that an account may use so much of in a day.
    pub fn daily_quota(account: &AccountId, what: &str) -> Self {
        Self::new(account.as_str(), format!("limit#{what}"))
    }

    /// The arrival time of what a customer's own app reports about a number, or without naming one.
    pub fn own_app_quota(account: &AccountId, number_id: Option<&str>) -> Self {
        Self::new(account.as_str(), format!("limit#callbacks#{}", number_id.unwrap_or("none")))
    }

    /// The account in the list of those with webhook deliveries that wait.
    pub fn waiting(account: &AccountId) -> Self {
        Self::new(account.as_str(), "waiting")
    }

    /// An event of an instance that happened long after its message was accepted.
    pub fn late_event(account: &AccountId, instance: &InstanceId, event: &str) -> Self {
        Self::new(account.as_str(), format!("{LATE_EVENT}{instance}#{event}"))
    }

    /// A file that a customer uploads. Files are in a partition of their own, so that many of them slow down no ledger.
    pub fn media(account: &AccountId, media: &MediaId) -> Self {
        Self::new(Self::media_partition(account), media.as_str())
    }

    /// The partition of an account's files.
    pub fn media_partition(account: &AccountId) -> String {
        format!("media#{account}")
    }

    /// A batch. They are in a partition of their own, so that they slow down no ledger.
    pub fn batch(account: &AccountId, batch: &BatchId) -> Self {
        Self::new(Self::batch_partition(account), batch.as_str())
    }

    /// A batch in its account's list, which is sorted by time.
    pub fn listed_batch(account: &AccountId, key: &str) -> Self {
        Self::new(Self::batch_partition(account), format!("{LISTED_BATCH}{key}"))
    }

    /// A batch in its instance's history, which is sorted by time.
    pub fn batch_of_instance(account: &AccountId, instance: &InstanceId, key: &str) -> Self {
        Self::new(Self::batch_partition(account), format!("of#{instance}#{key}"))
    }

    /// What is left to do about a batch.
    pub fn open_batch(account: &AccountId, instance: &InstanceId, batch: &BatchId) -> Self {
        Self::new(Self::batch_partition(account), format!("{}{batch}", Self::open_batches(instance)))
    }

    /// Prefix of the sort keys of an instance's open batches.
    pub fn open_batches(instance: &InstanceId) -> String {
        format!("open#{instance}#")
    }

    /// The partition of an account's batches.
    pub fn batch_partition(account: &AccountId) -> String {
        format!("batch#{account}")
    }

    /// The file of a received message.
    pub fn inbound_media(account: &AccountId, message: &MessageId) -> Self {
        Self::new(Self::media_partition(account), message.as_str())
    }

    /// How much an account has uploaded.
    pub fn media_usage(account: &AccountId) -> Self {
        Self::new(Self::media_partition(account), "usage")
    }

    /// What was counted of an instance's messages of a day.
    pub fn statistics(account: &AccountId, instance: &InstanceId, day: Timestamp) -> Self {
        let day = day.to_string();
        let date = day.split('T').next().unwrap_or_default();
        Self::new(Self::statistics_partition(account), format!("{date}#{instance}"))
    }

    /// The partition of what was counted of an account.
    pub fn statistics_partition(account: &AccountId) -> String {
        format!("statistics#{account}")
    }

    /// A row of a webhook's delivery log.
    pub fn delivery_log(webhook: &WebhookId, row: &str) -> Self {
        Self::new(Self::delivery_log_partition(webhook), row)
    }

    /// What was given up.
    pub fn dead_letter(shard: u32, row: &str) -> Self {
        Self::new(format!("dead#{shard}"), row)
    }

    /// The webhook whose delivery log a row belongs to.
    pub fn webhook_of_log(row: &Self) -> Option<WebhookId> {
        row.pk.strip_prefix("log#")?.parse().ok()
    }

    /// The partition of a webhook's delivery log.
    pub fn delivery_log_partition(webhook: &WebhookId) -> String {
        format!("log#{webhook}")
    }

    /// The key of an item that was read.
    pub fn from_item(item: &Item) -> Self {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        Self { pk: text("pk"), sk: text("sk") }
    }
}

impl From<ItemKey> for Item {
    fn from(key: ItemKey) -> Self {
        HashMap::from([("pk".to_owned(), AttributeValue::S(key.pk)), ("sk".to_owned(), AttributeValue::S(key.sk))])
    }
}
