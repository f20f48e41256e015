//! What a known person did, by an update of one item: most messages come from people who are known.

use super::activity::Activity;
use super::item::{Contact, ContactItem, item_key};
use super::observed_contact::ObservedContact;
use super::repository::Contacts;
use crate::aws::conditional_write::{ConditionalWrite, update};
use crate::aws::{TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{InstanceId, RequestId};

impl Contacts {
    /// Notes what a person did whose contact, as it was read, has all else that was observed: one write unit, and two for the
    /// place in the list. Returns the contact as it is now; `None` when it takes a join, or when it was changed meanwhile. The
    /// item gets another version, so that neither a join nor an erasure that has read the former one undoes this.
    pub(super) async fn note_activity(
        &self,
        instance: &InstanceId,
        contact: Contact,
        observed: &ObservedContact,
        now: Timestamp,
    ) -> Result<Option<Contact>, TableError> {
        let news = &observed.activity;
        if !observed.is_named_in(&contact)
            || !self.is_lasting(&contact, now)
            || contact.activity.marketing < news.marketing
        {
            return Ok(None);
        }
        let noted = self.update_of(instance, &contact, news);
        match update(&self.client, &self.table, item_key(instance, &contact.chat), &noted).await? {
            ConditionalWrite::Applied(item) => Ok(serde_dynamo::from_item::<_, ContactItem>(item)?.contact()),
            ConditionalWrite::Refused(_) => Ok(None),
        }
    }

    fn update_of(&self, instance: &InstanceId, contact: &Contact, news: &Activity) -> UpdateBuilder {
        let known = &contact.activity;
        let listed_at = known.clone().merged(news.clone()).listed_at.filter(|at| known.listed_at != Some(*at));
        let later = |attribute, at: Option<Timestamp>, builder: UpdateBuilder| match at {
            Some(at) => builder.set(attribute, at).when_absent_or_at_most(attribute, at),
            None => builder,
        };
        let noted = UpdateBuilder::new()
            .set("version", RequestId::generate().to_string())
            .set_some("name", news.name.as_ref())
            .set_some("username", news.username.as_ref())
            .set_some("instanceId", listed_at.map(|_| instance))
            .set_some("listedAt", listed_at)
            .when_present("aliases")
            .when_absent("erasing");
        later("lastOtherAt", news.last_other_at, later("lastInboundAt", news.last_inbound_at, noted))
    }
}
