//! The events of a period, page by page: those of messages from about that time, then those that are listed because they
//! happened long after their message was accepted, then the instance's own.

use std::collections::BTreeSet;

use shared::aws::TableError;
use shared::batch::InstanceHistory;
use shared::clock::Timestamp;
use shared::event::Event;
use shared::instance::events as instance_events;
use shared::message::late_events::period_of_messages;
use shared::message::{Message, events as message_events};
use shared::webhook::ReplayStep;

use crate::dispatcher::Dispatcher;

/// Messages that are read together: those with the longest texts fit into the function's memory.
const PAGE: usize = 25;

/// A page.
pub struct ReplayPage {
    /// Its events.
    pub events: Vec<Event>,
    /// How many messages they are about.
    pub messages: usize,
    /// The step that continues after it, if there may be more.
    pub next: Option<ReplayStep>,
}

impl Dispatcher {
    /// Reads a page of a replay's period.
    pub async fn replay_page(&self, step: &ReplayStep) -> Result<ReplayPage, TableError> {
        if step.late { self.late_page(step).await } else { self.page_of_messages(step).await }
    }

    async fn page_of_messages(&self, step: &ReplayStep) -> Result<ReplayPage, TableError> {
        let period = period_of_messages((step.since, step.until));
        let (account, instance) = (&step.account_id, &step.instance_id);
        let history = InstanceHistory { messages: &self.messages, accounts: &self.accounts, account, instance };
        let (messages, after) = history.in_period(period, step.after.as_deref(), PAGE).await?;
        let events = messages.iter().flat_map(|message| message_events::between(None, message));
        let events = events.filter(|event| is_within((step.since, step.until), event.at)).collect();
        let late = after.is_none();
        Ok(ReplayPage::new(events, Some(ReplayStep { after, late, ..step.clone() })))
    }

    async fn late_page(&self, step: &ReplayStep) -> Result<ReplayPage, TableError> {
        let period = (step.since, step.until);
        let (late, after) = self
            .accounts
            .late_events((&step.account_id, &step.instance_id), period, step.after.as_deref(), PAGE)
            .await?;
        let ids: BTreeSet<_> = late.iter().map(|event| event.message_id.clone()).collect();
        let messages = self.messages.get_batch(&ids.into_iter().collect::<Vec<_>>()).await?;
        let is_read = |message: &&Message| is_within(period_of_messages(period), message.created_at); // by the first step
        let is_in_page =
            |event: &Event| late.iter().any(|it| it.message_id.as_str() == event.subject && it.at == event.at);
        let events = messages.iter().filter(|message| !is_read(message));
        let events = events.flat_map(|message| message_events::between(None, message)).filter(is_in_page);
        let mut page = ReplayPage::new(events.collect(), None);
        match after {
            Some(_) => page.next = Some(ReplayStep { after, ..step.clone() }),
            None => page.events.extend(self.instance_event(step).await?),
        }
        Ok(page)
    }

    /// The last connection or disconnection of the instance, if it is in the period.
    async fn instance_event(&self, step: &ReplayStep) -> Result<Option<Event>, TableError> {
        let instance = self.accounts.instance(&step.account_id, &step.instance_id).await?;
        let event = instance.and_then(|instance| instance_events::between(None, &instance));
        Ok(event.filter(|event| is_within((step.since, step.until), event.at)))
    }
}

impl ReplayPage {
    fn new(events: Vec<Event>, next: Option<ReplayStep>) -> Self {
        let messages = events.iter().map(|event| event.subject.as_str()).collect::<BTreeSet<_>>().len();
        Self { events, messages, next }
    }
}

fn is_within((since, until): (Timestamp, Timestamp), at: Timestamp) -> bool {
    since <= at && at <= until
}
