//! What one callback, or one answer, says of a person, and what is known then.

use std::sync::Arc;
use std::time::Duration;

use super::activity::Activity;
use super::item::Contact;
use super::merge::MAX_GROUPS;
use crate::alias::Alias;
use crate::cache::Cache;
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};

/// How long a process trusts what it read of a contact. An erasure waits for that long before it ends, so that nobody relies on
/// a contact that is gone: it is as long as the statuses of one message take.
pub const MAX_CACHE_AGE: Duration = Duration::from_secs(3);

/// What a process has just read, by the first alias that was observed.
pub(super) type Cached = Cache<(InstanceId, Alias), Arc<Joined>>;

/// The account and the instance that a contact belongs to.
pub type ContactScope<'a> = (&'a AccountId, &'a InstanceId);

/// What a callback, or an answer, says of a person.
#[derive(Clone, Debug)]
pub struct ObservedContact {
    /// Its aliases, each once: first the one that a record has.
    pub(super) aliases: Vec<Alias>,
    /// The group in which the person wrote.
    pub(super) group: Option<String>,
    /// When that record was made, if it is older than the observation.
    pub(super) since: Option<Timestamp>,
    /// What the person did.
    pub(super) activity: Activity,
}

/// The contact of a person who was observed.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The contact.
    pub contact: Contact,
    /// Whether the table had nothing of it before.
    pub is_new: bool,
    /// The table said so at this time, or later.
    pub(super) read_at: Timestamp,
}

impl ObservedContact {
    /// The person of a record, named by other aliases.
    pub fn new(alias: &Alias, others: impl IntoIterator<Item = Alias>) -> Self {
        let mut aliases = vec![alias.clone()];
        for other in others {
            if !aliases.contains(&other) {
                aliases.push(other);
            }
        }
        Self { aliases, group: None, since: None, activity: Activity::default() }
    }

    /// Says that the person wrote in a group.
    #[must_use]
    pub fn in_group(self, group: Option<&str>) -> Self {
        Self { group: group.map(str::to_owned), ..self }
    }

    /// Says when the record was made, which the index may not show yet.
    #[must_use]
    pub fn since(self, time: Timestamp) -> Self {
        Self { since: Some(time), ..self }
    }

    /// Says what the person did.
    #[must_use]
    pub fn doing(self, activity: Activity) -> Self {
        Self { activity, ..self }
    }

    /// Whether it has several aliases.
    pub const fn is_pair(&self) -> bool {
        self.aliases.len() > 1
    }

    /// Whether a contact may have to be written for it: not for a phone number alone.
    pub fn is_news(&self) -> bool {
        self.has_more_than_an_alias() || matches!(self.aliases[0], Alias::User(_))
    }

    /// Whether a contact without items has less than it says.
    pub(super) fn has_more_than_an_alias(&self) -> bool {
        self.is_pair() || self.group.is_some() || !self.activity.is_nothing()
    }

    /// Whether a contact has the aliases and the group.
    pub(super) fn is_named_in(&self, contact: &Contact) -> bool {
        let has_group = |group: &String| contact.groups.contains(group) || contact.groups.len() >= MAX_GROUPS;
        self.aliases.iter().all(|alias| contact.aliases.contains(alias)) && self.group.iter().all(has_group)
    }

    /// Whether a contact has all that it says.
    pub(super) fn is_in(&self, contact: &Contact) -> bool {
        self.is_named_in(contact) && contact.activity.includes(&self.activity)
    }
}
