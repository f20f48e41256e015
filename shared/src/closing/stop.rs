//! The end of everything that acts for an account: API keys, inbound URLs, webhooks, listeners, and the instances with their numbers.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use crate::account::{InboundUrlListing, KeyListing};
use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, Item, ItemKey, LISTENER, TableError};
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, InstanceId};
use crate::instance::Instance;
use crate::webhook::Webhook;

/// Items that are ended at a time.
const CONCURRENCY: usize = 16;
/// How long what leads to the log of a webhook is kept: longer than the closing takes.
const LOG_KNOWN_FOR: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What was ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Ended {
    /// How many items.
    count: usize,
    /// Whether nothing is left.
    all: bool,
}

impl AccountsTable {
    /// Ends everything that acts for an account that is closing, until `deadline`. Its numbers may be connected by others from then on.
    /// `false` when the time was too short.
    pub async fn stop_closing_account(&self, account: &AccountId, deadline: Instant) -> Result<bool, TableError> {
        let now = clock::now();
        let mut ended = Ended { count: 0, all: true };
        ended.add(self.end_keys(account, deadline).await?);
        ended.add(self.end_webhooks(account, now, deadline).await?);
        ended.add(self.end_instances(account, deadline).await?);
        if ended.count > 0 {
            tracing::info!(account_id = %account, ended = ended.count, "account.stopped");
        }
        if ended.all {
            self.note_stopped(account, clock::now(), ended.count > 0).await?;
        }
        Ok(ended.all)
    }

    async fn end_keys(&self, account: &AccountId, deadline: Instant) -> Result<Ended, TableError> {
        let keys = self.api_keys(account).await?.into_iter();
        let revoke = |key: KeyListing| async move { self.revoke_api_key(&key).await }.boxed();
        let mut ended = end_each(keys.map(revoke).collect(), deadline).await?;
        let urls = self.inbound_url_listings(account).await?.into_iter();
        let delete = |url: InboundUrlListing| async move { self.delete_inbound_url(account, &url).await }.boxed();
        ended.add(end_each(urls.map(delete).collect(), deadline).await?);
        Ok(ended)
    }

    async fn end_webhooks(&self, account: &AccountId, now: Timestamp, deadline: Instant) -> Result<Ended, TableError> {
        let forget_at = now.plus(LOG_KNOWN_FOR);
        let webhooks = self.webhooks(account).await?.into_iter();
        let delete =
            |webhook: Webhook| async move { self.delete_webhook(account, &webhook.id, forget_at).await }.boxed();
        let mut ended = end_each(webhooks.map(delete).collect(), deadline).await?;
        let operator = self.operator_webhook(account).await?.into_iter();
        let delete = |webhook: Webhook| {
            async move { self.delete_operator_webhook(account, &webhook.id, forget_at).await }.boxed()
        };
        ended.add(end_each(operator.map(delete).collect(), deadline).await?);
        let listeners = self.query_items(account.as_str(), LISTENER).await?.into_iter();
        let delete = |listener: Item| self.delete(ItemKey::from_item(&listener)).boxed();
        ended.add(end_each(listeners.map(delete).collect(), deadline).await?);
        Ok(ended)
    }

    async fn end_instances(&self, account: &AccountId, deadline: Instant) -> Result<Ended, TableError> {
        let instances = self.instances(account).await?.into_iter();
        let delete = |instance: Instance| async move { self.end_instance(account, &instance.id).await }.boxed();
        end_each(instances.map(delete).collect(), deadline).await
    }

    /// Deletes an instance as its customer would.
    async fn end_instance(&self, account: &AccountId, id: &InstanceId) -> Result<(), TableError> {
        let deleted = until_applied(|| async {
            match self.instance(account, id).await? {
                Some(instance) => Ok::<_, TableError>(
                    self.delete_instance(&instance, clock::now().plus(LOG_KNOWN_FOR)).await?.then_some(()),
                ),
                None => Ok(Some(())),
            }
        });
        deleted.await?.ok_or(TableError::Conflict)
    }
}

impl Ended {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.all &= other.all;
    }
}

/// Ends items, several at a time, as far as there is time.
async fn end_each(ends: Vec<BoxFuture<'_, Result<(), TableError>>>, deadline: Instant) -> Result<Ended, TableError> {
    let ends: Vec<_> = ends.into_iter().map(|end| end_in_time(end, deadline)).collect();
    let ended: Vec<bool> = stream::iter(ends).buffer_unordered(CONCURRENCY).try_collect().await?;
    let count = ended.iter().filter(|in_time| **in_time).count();
    Ok(Ended { count, all: count == ended.len() })
}

/// Ends an item, unless it is too late.
async fn end_in_time(end: BoxFuture<'_, Result<(), TableError>>, deadline: Instant) -> Result<bool, TableError> {
    let in_time = Instant::now() < deadline;
    if in_time {
        end.await?;
    }
    Ok(in_time)
}
