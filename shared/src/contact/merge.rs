//! Which contact several become. Pure: the same inputs give the same contact in every process.

use std::collections::HashSet;
use std::time::Duration;

use super::activity::Activity;
use super::item::{Contact, Stored};
use crate::alias::Alias;
use crate::clock::Timestamp;

/// The most aliases of a contact. A person has some four; a customer's own app could report any number.
pub(super) const MAX_ALIASES: usize = 32;
/// The most groups of a contact.
pub(super) const MAX_GROUPS: usize = 32;
/// How much longer than messages a contact is kept when it is written: it is written again that seldom because of its age.
pub(super) const SPARE_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The contact that these become, `inputs`, one at least, with the time since when each has a conversation. The oldest
/// conversation stays. Of two of the same age a phone number's does, since customers know it. `group` and `activity` are what was
/// learned of it.
pub(super) fn merge(
    inputs: Vec<(Contact, Option<Timestamp>)>,
    (group, activity): (Option<&str>, &Activity),
    (now, retention): (Timestamp, Duration),
    version: String,
) -> Contact {
    let age = |(contact, since): &(Contact, Option<Timestamp>)| {
        let is_user = matches!(contact.chat, Alias::User(_));
        (since.unwrap_or(Timestamp::from_millis(i64::MAX)), is_user, contact.chat.clone())
    };
    let mut inputs = inputs;
    inputs.sort_by_key(age);
    let expires_at = expires_at(&inputs, now, retention);
    let (oldest, since) = &inputs[0];
    let events = inputs.iter().filter_map(|(input, _)| input.stored.as_ref()).flat_map(|stored| stored.events.clone());
    let (chat, since, events) = (oldest.chat.clone(), *since, events.collect());
    let (mut aliases, mut groups): (Vec<Alias>, Vec<String>) = (Vec::new(), Vec::new());
    let mut activity = activity.clone();
    for (contact, _) in inputs {
        aliases.extend(contact.aliases);
        groups.extend(contact.groups);
        activity = activity.merged(contact.activity);
    }
    // The records of a person with one alias say how old the conversation is, if it is ever joined with another one.
    let since = since.or((aliases.len() > 1).then_some(now));
    let stored = Stored { version, since, erasing: None, events, expires_at };
    groups.extend(group.map(str::to_owned));
    let mut seen = HashSet::new();
    groups.retain(|group| seen.len() < MAX_GROUPS && seen.insert(group.clone()));
    Contact { chat, aliases, groups, activity, stored: Some(stored) }
}

/// The time that the longest kept of the contacts has, or a new one if that is not enough.
fn expires_at(inputs: &[(Contact, Option<Timestamp>)], now: Timestamp, retention: Duration) -> i64 {
    let stored = inputs.iter().filter_map(|(contact, _)| contact.stored.as_ref());
    let longest = stored.map(|stored| stored.expires_at).max();
    let least = now.plus(retention);
    longest.filter(|at| *at >= least.secs()).unwrap_or_else(|| least.plus(SPARE_TIME).secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_760_000_000);
    const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

    fn alias(text: &str) -> Alias {
        text.parse().expect("an alias")
    }

    fn input(text: &str, since: Option<i64>) -> (Contact, Option<Timestamp>) {
        (Contact::alone(&alias(text)), since.map(Timestamp::from_secs))
    }

    fn merged(inputs: Vec<(Contact, Option<Timestamp>)>, group: Option<&str>) -> Contact {
        merge(inputs, (group, &Activity::default()), (NOW, RETENTION), "v1".to_owned())
    }

    #[test]
    fn the_oldest_conversation_stays_and_then_a_phone_numbers() {
        let (phone, user, other) = ("5531987650001", "BR.15", "553187650001");
        for (inputs, chat) in [
            (vec![input(phone, None), input(user, None)], phone),
            (vec![input(user, Some(5)), input(phone, Some(5))], phone),
            (vec![input(user, Some(4)), input(phone, Some(5))], user),
            (vec![input(user, Some(4)), input(phone, None)], user),
            (vec![input(phone, Some(5)), input(other, None)], phone),
            (vec![input(phone, None), input(other, None)], other),
        ] {
            let mut reversed = inputs.clone();
            reversed.reverse();
            let contact = merged(inputs, None);
            assert_eq!((contact.chat.as_str(), contact.aliases.len()), (chat, 2));
            assert_eq!(contact, merged(reversed, None), "whoever names them first");
        }
    }

    #[test]
    fn the_groups_of_a_contact_are_bounded() {
        let mut contact = merged(vec![input("5531987650001", None)], None);
        for group in 0..2 * MAX_GROUPS {
            contact = merged(vec![(contact, None)], Some(&format!("group{group}")));
        }
        assert_eq!(contact.groups.len(), MAX_GROUPS);
    }

    #[test]
    fn a_contact_outlives_its_messages_and_is_seldom_written_for_it() {
        let contact = merged(vec![input("5531987650001", None), input("BR.15", None)], None);
        let expires_at = |now: Timestamp| {
            let again =
                merge(vec![(contact.clone(), None)], (None, &Activity::default()), (now, RETENTION), String::new());
            again.stored.map(|stored| stored.expires_at).expect("stored")
        };
        let at_first = NOW.plus(RETENTION).plus(SPARE_TIME).secs();
        assert_eq!(expires_at(NOW.plus(SPARE_TIME)), at_first);
        let later = NOW.plus(SPARE_TIME).plus(Duration::from_secs(1));
        assert_eq!(expires_at(later), later.plus(RETENTION).plus(SPARE_TIME).secs());
    }
}
