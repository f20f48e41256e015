//! Updates about numbers and business accounts: stored with the instances that they concern, or published as events of the
//! outbox.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use shared::aws::TableError;
use shared::clock::{self, Timestamp};
use shared::event::Event;
use shared::http::EventDescription;
use shared::instance::{NumberOwner, TemplateKey};
use shared::whatsapp::event_time;
use shared::whatsapp::templates::is_template_name;
use shared::whatsapp::{AccountUpdate, Notice, Preference, TemplateNotice, UnreadUpdate};

use crate::app_secrets::Owners;
use crate::receiver::{MAX_CONCURRENCY, Receiver};
use crate::store_error::StoreError;
use crate::unowned;

/// The data of an event that an update becomes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a, D> {
    instance_id: &'a str,
    #[serde(flatten)]
    details: &'a D,
    timestamp: String,
}

impl Receiver {
    /// Stores the updates of a callback that came `now`. What changes an instance is stored in the callback's order. Returns
    /// the result of each: as what it is to be kept, if it is about a business account without a connected number, or about one of its
    /// numbers that cannot be told from another.
    pub async fn store_account_updates(
        &self,
        updates: Vec<AccountUpdate>,
        owners: Option<&Owners>,
        now: Timestamp,
    ) -> Vec<Result<Option<UnreadUpdate>, StoreError>> {
        let is_event = |update: &AccountUpdate| {
            matches!(update.notice, Notice::Template(_) | Notice::Preference(_) | Notice::UserId(_))
        };
        let (events, changes): (Vec<_>, Vec<_>) = updates.into_iter().partition(is_event);
        let mut results = Vec::with_capacity(events.len() + changes.len());
        for change in changes {
            results.push(self.store_account_update(change, owners, now).await);
        }
        let events = stream::iter(events).map(|update| self.store_account_update(update, owners, now));
        // In their order: what is kept of them has an id by its content, so that a repeated callback is kept once.
        results.extend(events.buffered(MAX_CONCURRENCY).collect::<Vec<_>>().await);
        results
    }

    async fn store_account_update(
        &self,
        update: AccountUpdate,
        owners: Option<&Owners>,
        now: Timestamp,
    ) -> Result<Option<UnreadUpdate>, StoreError> {
        let found = self.owners_of(&update, owners).await?;
        if found.is_empty() {
            unowned::ACCOUNTS.note();
        }
        let mut places = Vec::with_capacity(found.len());
        for (number_id, owner) in &found {
            match &update.notice {
                Notice::Template(notice) => self.publish_template(&update, notice, owner, now).await?,
                Notice::Preference(wish) => self.publish_preference(&update, wish, owner, now).await?,
                Notice::UserId(change) => self.join_user_ids(change, owner).await?,
                _ => places.push(self.change_instance(&update, (number_id, owner), owners.is_some(), now).await?),
            }
        }
        let is_lost = found.is_empty() || places.contains(&None) && !places.contains(&Some(true));
        Ok(update.unread.filter(|_| is_lost))
    }

    /// The numbers that an update is about, with their owners: the number that it names, or those of its business account.
    async fn owners_of(
        &self,
        update: &AccountUpdate,
        owners: Option<&Owners>,
    ) -> Result<Vec<(String, NumberOwner)>, StoreError> {
        Ok(match (&update.number_id, &update.business_id, owners) {
            (Some(number), _, Some(owners)) => {
                owners.get(number).map(|owner| (number.clone(), owner.clone())).into_iter().collect()
            }
            (Some(number), _, None) => {
                self.current_owner(number).await?.map(|owner| (number.clone(), owner)).into_iter().collect()
            }
            (None, Some(business), Some(owners)) => {
                let is_of_business = |(_, owner): &(&String, &NumberOwner)| owner.belongs_to(business);
                owners.iter().filter(is_of_business).map(|(number, owner)| (number.clone(), owner.clone())).collect()
            }
            (None, Some(business), None) => self.business_owners(business).await?,
            (None, None, _) => Vec::new(),
        })
    }

    /// The numbers of a business account and their owners, as they are now.
    async fn business_owners(&self, business_id: &str) -> Result<Vec<(String, NumberOwner)>, TableError> {
        let numbers = self.accounts.business_numbers(business_id).await?;
        let read = stream::iter(numbers).map(|number| async move {
            let owner = self.accounts.number_owner(&number).await?;
            Ok::<_, TableError>(owner.filter(|owner| owner.belongs_to(business_id)).map(|owner| (number, owner)))
        });
        let owners: Vec<Option<_>> = read.buffered(MAX_CONCURRENCY).try_collect().await?;
        Ok(owners.into_iter().flatten().collect())
    }

    async fn publish_template(
        &self,
        update: &AccountUpdate,
        notice: &TemplateNotice,
        owner: &NumberOwner,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(business) = update.business_id.as_ref().filter(|_| is_template_name(&notice.name)) {
            let (account_id, name) = (owner.account_id.clone(), notice.name.clone());
            let key = TemplateKey { account_id, business_id: business.clone(), name };
            self.accounts.note_template_change(&key, clock::now()).await?; // also of a replay
        }
        self.publish(update, "template.updated", notice, owner, event_time(update.time, now)).await
    }

    async fn publish_preference(
        &self,
        update: &AccountUpdate,
        wish: &Preference,
        owner: &NumberOwner,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let name = if wish.is_opt_out { "contact.opted_out" } else { "contact.opted_in" };
        let at = event_time(wish.time, now);
        self.note_preference(wish, owner, wished_at(wish.time, now)).await?; // first: whoever is told about it may send at once
        self.publish(update, name, wish, owner, at).await
    }

    /// Publishes an event of an instance, once however often WhatsApp repeats the callback.
    async fn publish(
        &self,
        update: &AccountUpdate,
        name: &'static str,
        details: &impl Serialize,
        owner: &NumberOwner,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let instance = &owner.instance_id;
        let data = Data { instance_id: instance.as_str(), details, timestamp: at.to_string() };
        let subject = format!("{}.{instance}", update.id);
        let event = Event::new((&owner.account_id, instance), name, &subject, at, data);
        if self.accounts.put_event(&event).await? {
            tracing::info!(instance_id = %instance, event = name, "account_update.published");
        }
        Ok(())
    }
}

/// When a wish counts as uttered: in WhatsApp's own second, whenever it came, since a wish of a moment ago may come after the next
/// one. Of one second, the one that came later counts; of those that came when it was over, the one that wants no marketing.
fn wished_at(time: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let second = time.filter(|time| *time <= now).unwrap_or(Timestamp::from_secs(now.secs()));
    second.plus(second.until(now).min(Duration::from_millis(999)))
}

/// The descriptions of the events that updates become.
pub fn event_descriptions() -> Vec<EventDescription> {
    let template = "A template was approved or rejected, or its category, its quality or its text has changed";
    let opted_out = "A person wants no marketing messages any more";
    vec![
        EventDescription::of_update::<TemplateNotice>("template.updated", template),
        EventDescription::of_update::<Preference>("contact.opted_out", opted_out),
        EventDescription::of_update::<Preference>("contact.opted_in", "A person wants marketing messages again"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Timestamp = Timestamp::from_secs(1_760_000_000);

    #[test]
    fn a_wish_counts_in_its_second_and_there_when_it_came() {
        let came = |millis| wished_at(Some(SECOND), SECOND.plus(Duration::from_millis(millis)));
        let next = SECOND.plus(Duration::from_secs(1));
        assert!(SECOND <= came(0) && came(0) < came(400) && came(400) < came(5_000) && came(5_000) < next);
        assert_eq!(came(5_000), came(9_000), "no order among those that came late");
        let now = SECOND.plus(Duration::from_millis(400));
        assert_eq!(wished_at(None, now), now);
        assert_eq!(wished_at(Some(next), now), now, "never in the future");
    }
}
