//! Leases on connects: an account has a few in progress at the same time, over all processes.
//!
//! A connect calls WhatsApp twice, and a process serves nobody else meanwhile. A lease is an attribute of the account's item
//! `connects`: until when it holds. One whose process crashed ends by itself.

use std::time::Duration;

use crate::aws::{AccountsTable, ConditionalWrite, Item, ItemKey, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::ids::AccountId;

/// The most connects of an account at the same time.
const MAX_CONNECTS: usize = 4;
/// Longer than a request: the timeout of `manage` (template.yaml) and a margin for clocks that differ.
const HOLDS: Duration = Duration::from_secs(20);

/// A connect in progress.
#[derive(Debug)]
pub struct ConnectLease {
    item: ItemKey,
    attribute: String,
    until: Timestamp,
}

impl AccountsTable {
    /// Leases a connect; none when the account has as many in progress as it may have.
    pub async fn lease_connect(&self, account: &AccountId) -> Result<Option<ConnectLease>, TableError> {
        let (item, now) = (ItemKey::connects(account), clock::now());
        let mut seen = Item::new();
        for _ in 0..=MAX_CONNECTS {
            let Some(attribute) = (0..MAX_CONNECTS).map(attribute).find(|name| is_free(&seen, name, now)) else {
                return Ok(None);
            };
            let until = now.plus(HOLDS);
            let lease = UpdateBuilder::new().set(&attribute, until).when_absent_or_at_most(&attribute, now);
            match self.update(item.clone(), &lease).await? {
                ConditionalWrite::Applied(_) => return Ok(Some(ConnectLease { item, attribute, until })),
                ConditionalWrite::Refused(found) => seen = found.unwrap_or_default(),
            }
        }
        Ok(None)
    }

    /// Ends a lease. One that could not be ended ends by itself.
    pub async fn end_connect(&self, lease: ConnectLease) {
        let end = UpdateBuilder::new().remove(&lease.attribute).when_equal(&lease.attribute, lease.until);
        if let Err(error) = self.update(lease.item, &end).await {
            tracing::warn!(%error, "connect.lease_release_failed");
        }
    }
}

fn attribute(number: usize) -> String {
    format!("c{number}")
}

fn is_free(item: &Item, attribute: &str, now: Timestamp) -> bool {
    let until = item.get(attribute).and_then(|value| value.as_n().ok()?.parse().ok());
    until.is_none_or(|until: i64| until <= now.millis())
}
