//! Refuses what is above an account's quota of a callback. It is answered 500, so that WhatsApp repeats it.
//!
//! All messages of an account in a callback are admitted, with what cannot be read about its numbers, or none of it: a repeat
//! finds nothing of it stored and uses the quota for nothing twice. Statuses are not limited: each is about a message that was
//! paid for.

use std::collections::{BTreeMap, BTreeSet};

use shared::aws::TableError;
use shared::ids::AccountId;
use shared::instance::NumberOwner;
use shared::whatsapp::{Callback, UnreadPack, UnreadUpdate};

use crate::app_secrets::Owners;
use crate::receiver::Receiver;
use crate::store_error::StoreError;

impl Receiver {
    /// Removes from a callback what is above the quotas of accounts.
    ///
    /// # Errors
    /// That something was removed. When the table does not answer, all that a quota limits is removed.
    pub async fn remove_over_quota(&self, callback: &mut Callback, owners: Option<&Owners>) -> Result<(), StoreError> {
        let limited = self.over_quota(callback, owners).await.inspect_err(|_| {
            callback.received.clear();
            callback.calls.clear();
            callback.account.clear();
            callback.unread.clear();
        });
        let over = limited?;
        let is_over = |number: Option<&String>, business: Option<&String>| match number {
            Some(number) => over.contains(number),
            None => own_numbers(business, owners).any(|number| over.contains(number)),
        };
        callback.received.retain(|message| !over.contains(&message.number_id));
        callback.calls.retain(|call| !over.contains(&call.number_id));
        callback.account.retain(|update| !is_over(update.number_id.as_ref(), update.business_id.as_ref()));
        callback.unread.retain(|update| {
            let is_about_nobody = update.is_about_nobody() && any_number(owners).is_some_and(|it| over.contains(it));
            !is_about_nobody && !is_over(update.number_id.as_ref(), update.business_id.as_ref())
        });
        if over.is_empty() { Ok(()) } else { Err(StoreError::OverQuota) }
    }

    /// Refuses a body of which nothing can be read, if it is above the quota of the accounts whose own app signed it.
    pub async fn check_quota(&self, whole: &UnreadPack, owners: Option<&Owners>) -> Result<(), StoreError> {
        let accounts: BTreeSet<_> =
            owners.into_iter().flat_map(Owners::values).map(|owner| &owner.account_id).collect();
        for account in accounts {
            if self.is_over_quota(account, whole.kilobytes()).await? {
                return Err(StoreError::OverQuota);
            }
        }
        Ok(())
    }

    /// The numbers of accounts that are over their quota.
    async fn over_quota(&self, callback: &Callback, owners: Option<&Owners>) -> Result<BTreeSet<String>, TableError> {
        let (mut accounts, mut kilobytes) = (BTreeMap::new(), BTreeMap::<AccountId, i64>::new());
        for (number, size) in limited(callback, owners) {
            if let Some(account) = self.account_of(&number, owners).await? {
                *kilobytes.entry(account.clone()).or_default() += size;
                accounts.insert(number, account);
            }
        }
        let mut over = BTreeSet::new();
        for (account, size) in kilobytes {
            if self.is_over_quota(&account, size).await? {
                over.insert(account);
            }
        }
        accounts.retain(|_, account| over.contains(account));
        Ok(accounts.into_keys().collect())
    }

    /// Takes kilobytes from an account's quota, unless it has not as many.
    async fn is_over_quota(&self, account: &AccountId, kilobytes: i64) -> Result<bool, TableError> {
        let is_over = !self.quota.take(account, kilobytes).await?;
        if is_over {
            tracing::warn!(account_id = %account, kilobytes, "inbound.over_quota");
        }
        Ok(is_over)
    }

    /// The account that a number's messages count for: its owner as of the last half minute. A number without one has no
    /// quota, since nothing is stored for it.
    async fn account_of(&self, number_id: &str, owners: Option<&Owners>) -> Result<Option<AccountId>, TableError> {
        let owner = match owners {
            Some(owners) => owners.get(number_id).cloned(),
            None => self.number_owners.get(number_id).await?,
        };
        Ok(owner.map(|owner| owner.account_id))
    }
}

/// What a quota limits of a callback: for each part the number, and its size in kilobytes.
fn limited(callback: &Callback, owners: Option<&Owners>) -> Vec<(String, i64)> {
    let mut all: Vec<(String, i64)> = Vec::new();
    all.extend(callback.received.iter().map(|message| (message.number_id.clone(), message.kilobytes())));
    all.extend(callback.calls.iter().map(|call| (call.number_id.clone(), call.kilobytes())));
    let account = callback.account.iter();
    let account = account.map(|update| (update.number_id.as_ref(), update.business_id.as_ref(), update.kilobytes()));
    let size = |update: &UnreadUpdate| update.kilobytes(owners.is_some());
    let unread = callback.unread.iter();
    let unread = unread.map(|update| (update.number_id.as_ref(), update.business_id.as_ref(), size(update)));
    for (number, business, kilobytes) in account.chain(unread) {
        let of_business = own_numbers(business.filter(|_| number.is_none()), owners);
        all.extend(number.into_iter().chain(of_business).map(|number| (number.clone(), kilobytes)));
    }
    let about_nobody = callback.unread.iter().filter(|update| update.is_about_nobody());
    all.extend(about_nobody.filter_map(|update| Some((any_number(owners)?.clone(), size(update)))));
    all
}

/// The number whose account is charged for updates that name no number, if a customer's own app has signed them.
fn any_number(owners: Option<&Owners>) -> Option<&String> {
    owners?.keys().next()
}

/// The numbers of a business account that a customer's own app has signed for. What the deployment's app signs about a whole
/// account is WhatsApp's own word, which has no quota.
fn own_numbers<'a>(business: Option<&'a String>, owners: Option<&'a Owners>) -> impl Iterator<Item = &'a String> {
    let of_business = move |(number, owner): (&'a String, &'a NumberOwner)| {
        business.is_some_and(|business| owner.belongs_to(business)).then_some(number)
    };
    owners.into_iter().flatten().filter_map(of_business)
}
