//! The erasure of a person: in each instance the messages under all aliases, those in groups, and then the contact itself.
//!
//! The contact is the only thing that knows which messages are the person's. So it is deleted last: when nothing is left of the
//! messages, and no process can rely any more on what it read of the contact before it was marked (docs/erasure.md).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use shared::alias::Alias;
use shared::aws::TableError;
use shared::aws::conditional_write::until_applied;
use shared::clock::{self, Timestamp};
use shared::contact::{Contact, MAX_CACHE_AGE};
use shared::ids::InstanceId;
use shared::message::record_keys::{conversation_key, group_chat};
use shared::message::{History, HistoryPage, MAX_PAGE, Message, Span};

use super::message_erasure::erase_message;
use crate::prelude::*;

/// How long a request erases, well within the function's timeout.
const TIME_OF_REQUEST: Duration = Duration::from_secs(10);
/// Messages that are erased concurrently, and instances whose contacts are marked.
const MAX_CONCURRENCY: usize = 16;
/// Instances whose messages are erased concurrently, so many at a time in each.
const CONCURRENT_INSTANCES: usize = 8;
/// How long after it was marked a contact may still be relied on: as long as it is cached, and a margin for what an eventually
/// consistent read or an index shows late, and for clocks.
const UNTIL_UNUSED: Duration = MAX_CACHE_AGE.saturating_add(Duration::from_secs(2));
/// How often the end of that time is looked for.
const CLOCK_CHECK: Duration = Duration::from_millis(50);

/// The result of an erasure.
#[derive(Debug, Default)]
pub struct Progress {
    /// Messages that were erased.
    pub erased: usize,
    /// Messages that may still be sent.
    pub remaining: usize,
    /// Whether there was too little time.
    pub has_more: bool,
}

/// An erasure in progress.
pub struct PersonErasure<'a> {
    state: &'a AppState,
    alias: Alias,
    instances: Vec<InstanceId>,
    deadline: Timestamp,
    erased: AtomicUsize,
}

/// What is left after a pass over some messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Left {
    /// Nothing but so many that may still be sent.
    Remaining(usize),
    /// There was too little time to know.
    Unknown,
}

impl Left {
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Remaining(one), Self::Remaining(other)) => Self::Remaining(one + other),
            _ => Self::Unknown,
        }
    }
}

impl<'a> PersonErasure<'a> {
    /// An erasure that began at a time.
    pub fn new(state: &'a AppState, alias: Alias, instances: Vec<InstanceId>, started: Timestamp) -> Self {
        Self { state, alias, instances, deadline: started.plus(TIME_OF_REQUEST), erased: AtomicUsize::new(0) }
    }

    /// Erases until nothing is found: neither messages, nor a contact that a callback has made meanwhile.
    pub async fn run(self) -> Result<Progress, ApiError> {
        loop {
            let contacts = self.mark_contacts().await?;
            let Left::Remaining(remaining) = self.erase_all(&contacts).await? else {
                return Ok(self.progress(0, true));
            };
            let stored: Vec<_> = contacts.into_iter().filter(|(_, contact)| contact.is_stored()).collect();
            if remaining > 0 || stored.is_empty() {
                return Ok(self.progress(remaining, false));
            }
            if !self.wait_until_unused(&stored).await {
                return Ok(self.progress(0, true));
            }
            match self.erase_all(&stored).await? {
                Left::Remaining(0) => {}
                Left::Remaining(remaining) => return Ok(self.progress(remaining, false)),
                Left::Unknown => return Ok(self.progress(0, true)),
            }
            for (instance, contact) in &stored {
                // One that was joined meanwhile stays, and is found again.
                self.state.contacts.delete(instance, contact).await.map_err(ApiError::internal)?;
            }
        }
    }

    fn progress(&self, remaining: usize, has_more: bool) -> Progress {
        Progress { erased: self.erased.load(Ordering::Relaxed), remaining, has_more }
    }

    /// The person's contact in each instance, marked as being erased.
    async fn mark_contacts(&self) -> Result<Vec<(InstanceId, Contact)>, ApiError> {
        let marked = stream::iter(self.instances.clone()).map(|instance| self.mark_contact(instance));
        marked.buffer_unordered(MAX_CONCURRENCY).try_collect().await
    }

    async fn mark_contact(&self, instance: InstanceId) -> Result<(InstanceId, Contact), ApiError> {
        let contacts = &self.state.contacts;
        let marked = until_applied(|| async {
            let contact = contacts.resolve(&instance, &self.alias).await?;
            contacts.mark_erasing(&instance, contact).await
        });
        let contact = marked.await.map_err(unavailable)?;
        Ok((instance, contact.ok_or_else(|| ApiError::internal(TableError::Conflict))?))
    }

    /// Waits until nobody relies on these contacts, which are marked if anything depends on them. `false` if the request has no
    /// time for it.
    async fn wait_until_unused(&self, contacts: &[(InstanceId, Contact)]) -> bool {
        let marked_at = contacts.iter().filter_map(|(_, contact)| contact.erasing_since()).max();
        let until = marked_at.map_or_else(clock::now, |at| at.plus(UNTIL_UNUSED));
        while clock::now() < until {
            if clock::now() >= self.deadline {
                return false;
            }
            tokio::time::sleep(CLOCK_CHECK).await;
        }
        true
    }

    /// Erases the messages of these contacts, several at a time: an account may have thousands of instances.
    async fn erase_all(&self, contacts: &[(InstanceId, Contact)]) -> Result<Left, ApiError> {
        let erased = stream::iter(contacts.to_vec())
            .map(async |(instance, contact)| self.erase_in_instance(&instance, &contact).await);
        let left: Vec<Left> = erased.buffer_unordered(CONCURRENT_INSTANCES).try_collect().await?;
        Ok(left.into_iter().fold(Left::Remaining(0), Left::and))
    }

    async fn erase_in_instance(&self, instance: &InstanceId, contact: &Contact) -> Result<Left, ApiError> {
        let own = contact.conversations(instance);
        let groups: Vec<String> =
            contact.groups.iter().map(|group| conversation_key(instance, &group_chat(group))).collect();
        let mut left = Left::Remaining(0);
        for (keys, author) in [(own, None), (groups, Some(contact))] {
            if !keys.is_empty() {
                left = left.and(self.erase_conversations(&keys, author).await?);
            }
        }
        Ok(left)
    }

    /// Erases conversations, or what one person wrote in them, until a pass finds nothing to erase: what comes in during the
    /// first pass, or what the index showed too late for it, is found by the next one.
    async fn erase_conversations(&self, keys: &[String], author: Option<&Contact>) -> Result<Left, ApiError> {
        loop {
            let (erased, left) = self.erase_once(&History::Conversations(keys), author).await?;
            self.erased.fetch_add(erased, Ordering::Relaxed);
            if left == Left::Unknown || erased == 0 {
                return Ok(left);
            }
        }
    }

    /// One pass over conversations: how many messages it has erased, and what is left.
    async fn erase_once(&self, history: &History<'_>, author: Option<&Contact>) -> Result<(usize, Left), ApiError> {
        let (mut span, mut remaining, mut all) = (Span::newest_first(), 0, 0);
        while clock::now() < self.deadline {
            let page = self.state.messages.history(history, &span, MAX_PAGE).await.map_err(unavailable)?;
            let HistoryPage { mut messages, next } = page;
            messages.retain(|message| author.is_none_or(|author| is_by(message, author)));
            let erased = stream::iter(messages).map(|message| erase_message(self.state, message));
            let erased: Vec<bool> = erased.buffer_unordered(MAX_CONCURRENCY).try_collect().await?;
            let count = erased.iter().filter(|is_erased| **is_erased).count();
            all += count;
            remaining += erased.len() - count;
            let Some(next) = next else { return Ok((all, Left::Remaining(remaining))) };
            span = span.behind(&next);
        }
        Ok((all, Left::Unknown))
    }
}

/// Whether a message to a group was written by a person.
fn is_by(message: &Message, author: &Contact) -> bool {
    let received = message.received.as_deref();
    let users = received.into_iter().flat_map(|received| received.user_id.iter().chain(&received.parent_user_id));
    let ids = users.map(|user| user.as_str());
    author.is_any_of(ids.chain([message.contact.as_str()]))
}
