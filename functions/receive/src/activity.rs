//! What people do beside the content of their messages: when they last wrote or called, which opens the service window, and
//! whether they want marketing. Noted with their contacts (docs/adr/0048).

use shared::aws::TableError;
use shared::clock::Timestamp;
use shared::contact::{Activity, MarketingWish, ObservedContact};
use shared::instance::NumberOwner;
use shared::whatsapp::event_time;
use shared::whatsapp::{Preference, ReceivedCall, ReceivedMessage};

use crate::app_secrets::Owners;
use crate::receiver::Receiver;
use crate::store_error::StoreError;
use crate::unowned;

/// The types of messages of which WhatsApp does not say whether they open the window.
const DOUBTFUL: [&str; 3] = ["reaction", "edit", "revoke"];
/// The type of what WhatsApp itself reports about a person, who has done nothing.
const SYSTEM: &str = "system";

/// What a message says of its sender. One to a group is not in the conversation whose window it could open.
pub fn of_message(message: &ReceivedMessage, at: Timestamp) -> Activity {
    let activity = match message.kind.as_str() {
        _ if message.more.group_id.is_some() => return Activity::default(),
        SYSTEM => return Activity::default(),
        kind if DOUBTFUL.contains(&kind) => Activity::other(at),
        _ => Activity::inbound(at),
    };
    activity.named(message.contact_name.clone(), message.more.username.clone())
}

impl Receiver {
    /// Notes that somebody has called, or has taken a call, in a callback that came `now`. A call of a number that belongs to
    /// nobody is logged and acknowledged.
    pub async fn store_call(
        &self,
        call: ReceivedCall,
        owners: Option<&Owners>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let owner = match owners {
            Some(owners) => owners.get(&call.number_id).cloned(),
            None => self.current_owner(&call.number_id).await?,
        };
        let Some(owner) = owner else {
            unowned::NUMBERS.note();
            return Ok(());
        };
        let activity = Activity::inbound(event_time(call.time, now)).named(call.name, call.username);
        let observed = ObservedContact::new(&call.from, call.aliases).doing(activity);
        self.contacts.join((&owner.account_id, &owner.instance_id), &observed).await?;
        tracing::info!(instance_id = %owner.instance_id, "call.noted");
        Ok(())
    }

    /// Notes what somebody wants of an instance's marketing.
    pub async fn note_preference(
        &self,
        wish: &Preference,
        owner: &NumberOwner,
        at: Timestamp,
    ) -> Result<(), TableError> {
        let mut aliases = wish.aliases();
        let Some(first) = aliases.next() else { return Ok(()) };
        let marketing = MarketingWish { at, is_opt_out: wish.is_opt_out };
        let observed = ObservedContact::new(&first, aliases).doing(Activity::wish(marketing));
        self.contacts.join((&owner.account_id, &owner.instance_id), &observed).await.map(drop)
    }
}
