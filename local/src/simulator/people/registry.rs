//! All people whom the simulator knows: those who wrote, and those whom a call named.

use std::collections::HashMap;
use std::sync::Mutex;

use shared::mutex::lock;
use shared::phone_number::PhoneNumber;
use shared::user_id::UserId;
use tokio::sync::broadcast;

use super::super::person::Person;
use super::control_error::ControlError;
use super::profile::Profile;

/// The most people: enough for a stack on one machine.
const MAX_PEOPLE: usize = 10_000;

/// Changes that a listener may be behind before it is told that it has missed some.
const MAX_CHANGES: usize = 256;

/// The people.
#[derive(Debug)]
pub struct People {
    registry: Mutex<Registry>,
    /// Whose phone shows something else now.
    changes: broadcast::Sender<PersonPlace>,
}

/// A person's place, which stays the same when the number and the user id change.
pub type PersonPlace = usize;

#[derive(Debug, Default)]
struct Registry {
    profiles: Vec<Profile>,
    /// The place of each person in `profiles`, by each of the current aliases.
    places: HashMap<String, PersonPlace>,
}

impl Default for People {
    fn default() -> Self {
        Self { registry: Mutex::default(), changes: broadcast::Sender::new(MAX_CHANGES) }
    }
}

impl People {
    /// Reads or changes a person, who is known from then on, by a phone number or a user id. A function that fails must not
    /// have changed anything.
    pub fn with<T>(
        &self,
        alias: &str,
        act: impl FnOnce(&mut Profile) -> Result<T, ControlError>,
    ) -> Result<T, ControlError> {
        let person = person(alias)?;
        let mut registry = lock(&self.registry);
        let place = registry.place(person)?;
        act(&mut registry.profiles[place])
    }

    /// The same, and tells listeners that the person's phone shows something else.
    pub fn change<T>(
        &self,
        alias: &str,
        act: impl FnOnce(&mut Profile) -> Result<T, ControlError>,
    ) -> Result<T, ControlError> {
        let done = self.with(alias, act)?;
        self.tell(alias);
        Ok(done)
    }

    /// Gives a person another number and user id, and reads the person. The former ones are nobody's from then on.
    pub fn renumber<T>(
        &self,
        alias: &str,
        renumbered: impl FnOnce(&Profile) -> Result<Person, ControlError>,
        read: impl FnOnce(&Profile) -> T,
    ) -> Result<T, ControlError> {
        let person = person(alias)?;
        let mut registry = lock(&self.registry);
        let place = registry.place(person)?;
        let renumbered = renumbered(&registry.profiles[place])?;
        registry.renumber(place, renumbered)?;
        let _ = self.changes.send(place); // nobody may listen
        Ok(read(&registry.profiles[place]))
    }

    /// Reads or changes a person who may be known, by what a message was sent to.
    pub fn find<T>(&self, recipient: &str, act: impl FnOnce(&mut Profile) -> T) -> Option<T> {
        let mut registry = lock(&self.registry);
        let place = registry.find(recipient)?;
        Some(act(&mut registry.profiles[place]))
    }

    /// Tells listeners that a person's phone shows something else, if the person is known.
    pub fn tell(&self, recipient: &str) {
        if let Some(place) = lock(&self.registry).find(recipient) {
            let _ = self.changes.send(place); // nobody may listen
        }
    }

    /// Whose phone shows something else, from now on.
    pub fn changes(&self) -> broadcast::Receiver<PersonPlace> {
        self.changes.subscribe()
    }

    /// The place of a person, who is known from then on. A former number leads to who had it last, unless it is another
    /// person's by now.
    pub fn place(&self, alias: &str) -> Result<PersonPlace, ControlError> {
        let person = person(alias)?;
        let mut registry = lock(&self.registry);
        let had_it = |profile: &Profile| profile.aliases.contains(alias);
        let former = registry.profiles.iter().rposition(had_it).filter(|_| registry.find(alias).is_none());
        former.map_or_else(|| registry.place(person), Ok)
    }

    /// Reads the person at a place.
    pub fn at<T>(&self, place: PersonPlace, read: impl FnOnce(&Profile) -> T) -> Option<T> {
        lock(&self.registry).profiles.get(place).map(read)
    }

    /// Marks a message to a number, and all that the person wrote to it before, as read, and notes that the number types, if
    /// it does. Whether somebody wrote the message.
    pub fn mark_read(&self, number_id: &str, wamid: &str, typing_at: Option<i64>) -> bool {
        let mut registry = lock(&self.registry);
        let place = registry.profiles.iter_mut().position(|profile| profile.mark_read(number_id, wamid, typing_at));
        place.is_some_and(|place| {
            let _ = self.changes.send(place); // nobody may listen
            true
        })
    }

    /// All people, in the order in which they became known.
    pub fn all<T>(&self, read: impl Fn(&Profile) -> T) -> Vec<T> {
        lock(&self.registry).profiles.iter().map(read).collect()
    }
}

impl Registry {
    /// The place of a known person, by what a message was sent to.
    fn find(&self, recipient: &str) -> Option<PersonPlace> {
        let Person { wa_id, user_id } = Person::from_recipient(recipient);
        wa_id.iter().chain([&user_id]).find_map(|alias| self.places.get(alias)).copied()
    }

    /// The place of a person, who is added if nobody has any of the aliases.
    fn place(&mut self, person: Person) -> Result<usize, ControlError> {
        let by_phone = person.wa_id.as_ref().and_then(|wa_id| self.places.get(wa_id)).copied();
        if let Some(place) = by_phone {
            return Ok(place);
        }
        if let Some(&place) = self.places.get(&person.user_id) {
            // Somebody who was known by the user id alone, and whose number is named now.
            if let (Some(wa_id), profile @ Profile { wa_id: None, .. }) = (person.wa_id, &mut self.profiles[place]) {
                profile.aliases.insert(wa_id.clone());
                profile.wa_id = Some(wa_id.clone());
                self.places.insert(wa_id, place);
            }
            return Ok(place);
        }
        if self.profiles.len() >= MAX_PEOPLE {
            return Err(ControlError::conflict("person", format!("There are {MAX_PEOPLE} people already.")));
        }
        let place = self.profiles.len();
        let profile = Profile::new(person);
        self.places.extend(profile.aliases.iter().map(|alias| (alias.clone(), place)));
        self.profiles.push(profile);
        Ok(place)
    }

    fn renumber(&mut self, place: usize, Person { wa_id, user_id }: Person) -> Result<(), ControlError> {
        let aliases: Vec<String> = wa_id.iter().chain([&user_id]).cloned().collect();
        let is_taken = |alias: &&String| self.places.get(*alias).is_some_and(|owner| *owner != place);
        if let Some(taken) = aliases.iter().find(is_taken) {
            return Err(ControlError::conflict("phone", format!("{taken} is another person's.")));
        }
        self.places.retain(|_, owner| *owner != place);
        self.places.extend(aliases.iter().map(|alias| (alias.clone(), place)));
        let profile = &mut self.profiles[place];
        profile.aliases.extend(aliases);
        (profile.wa_id, profile.user_id) = (wa_id, user_id);
        Ok(())
    }
}

/// The person with a phone number or a user id.
pub fn person(alias: &str) -> Result<Person, ControlError> {
    let is_valid = alias.parse::<PhoneNumber>().is_ok() || alias.parse::<UserId>().is_ok();
    if is_valid {
        Ok(Person::from_recipient(alias))
    } else {
        Err(ControlError::invalid("person", "must be a phone number, digits only, or a user id such as `US.1349`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "5531987650001";
    const WA_ID: &str = "553187650001";

    fn wa_id(people: &People, alias: &str) -> Option<String> {
        people.with(alias, |profile| Ok(profile.wa_id.clone())).expect("a person")
    }

    #[test]
    fn a_person_is_the_same_under_the_number_its_other_form_and_the_user_id() {
        let people = People::default();
        let user_id = Person::from_recipient(PHONE).user_id;
        assert_eq!(wa_id(&people, &user_id), None, "nobody has named the number yet");
        for alias in [PHONE, WA_ID, &user_id] {
            assert_eq!(wa_id(&people, alias).as_deref(), Some(WA_ID), "{alias}");
        }
        assert_eq!(people.all(|profile| profile.user_id.clone()), [user_id]);
    }

    #[test]
    fn a_changed_number_is_found_and_the_former_one_is_nobodys() {
        let people = People::default();
        let person = Person { wa_id: Some("5511911110001".to_owned()), user_id: "BR.2".to_owned() };
        let changed = people.renumber(PHONE, |_| Ok(person.clone()), |profile| profile.aliases.len());
        assert_eq!(changed.ok(), Some(4));
        assert!(people.find(PHONE, |_| ()).is_none() && people.find("5511911110001", |_| ()).is_some());
        assert!(people.renumber("5511911110009", |_| Ok(person), |_| ()).is_err(), "it is another person's");
        assert!(people.find("5511911110009", |_| ()).is_some(), "who keeps the own one");
    }

    #[test]
    fn an_alias_of_another_form_is_refused() {
        for alias in ["", "12", "+5511911110001", "05511911110001", "ana", "BR.", "br.1", "BR.a b"] {
            assert!(person(alias).is_err(), "{alias}");
        }
    }
}
