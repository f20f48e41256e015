//! A person, as WhatsApp knows one and as callbacks show one.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde_json::{Map, Value, json};

use super::super::person::Person;
use super::control_error::ControlError;
use super::inbox::{Inbox, PhoneUse};
use super::missed::Missed;

/// The most messages of a person that are kept; the oldest are forgotten.
const MAX_WRITTEN: usize = 1_000;
/// The most messages that do not arrive at a person that are kept.
const MAX_MISSED: usize = 50;
/// The name of a person who was given none, as in the callbacks of statuses.
const NAME: &str = "Somebody";

/// A person.
#[derive(Clone, Debug)]
pub struct Profile {
    /// WhatsApp's form of the phone number; none of a person who is only known by the user id.
    pub wa_id: Option<String>,
    /// WhatsApp's id of the person.
    pub user_id: String,
    /// The same id for a portfolio that is enrolled.
    pub parent_user_id: Option<String>,
    /// The name that the person chose to show.
    pub name: String,
    /// Without `@`.
    pub username: Option<String>,
    /// Whether callbacks leave the phone number out.
    pub hides_phone: bool,
    /// All numbers and user ids that ever were the person's.
    pub aliases: BTreeSet<String>,
    /// The ids of the numbers that the person has blocked.
    pub blocked: BTreeSet<String>,
    /// The ids of the numbers whose marketing the person does not want.
    pub opted_out: BTreeSet<String>,
    /// When the person last wrote what opens the service window, by number: milliseconds since the epoch.
    pub wrote_at: HashMap<String, i64>,
    /// When each number last showed that it types: milliseconds since the epoch.
    pub typing_at: HashMap<String, i64>,
    /// What the person wrote, oldest first.
    pub written: VecDeque<Written>,
    /// How the person uses the phone.
    pub phone_use: PhoneUse,
    /// What waits for the person.
    pub inbox: Inbox,
    /// What does not arrive, oldest first.
    pub missed: VecDeque<Missed>,
}

/// A message that a person wrote.
#[derive(Clone, Debug)]
pub struct Written {
    /// WhatsApp's id of it.
    pub wamid: String,
    /// The id of the number that it was written to.
    pub number_id: String,
    /// When: milliseconds since the epoch.
    pub at: i64,
    /// The message as callbacks carry it.
    pub message: Value,
    /// Whether its callback has been acknowledged.
    pub is_delivered: bool,
    /// Whether the business has marked it as read.
    pub is_read: bool,
}

impl Written {
    /// Whether it is this message to the number.
    fn is(&self, number_id: &str, wamid: &str) -> bool {
        self.number_id == number_id && self.wamid == wamid
    }
}

impl Profile {
    /// A person who has done nothing yet.
    pub fn new(Person { wa_id, user_id }: Person) -> Self {
        let aliases = wa_id.iter().chain([&user_id]).cloned().collect();
        Self {
            wa_id,
            user_id,
            aliases,
            parent_user_id: None,
            name: NAME.to_owned(),
            username: None,
            hides_phone: false,
            blocked: BTreeSet::new(),
            opted_out: BTreeSet::new(),
            wrote_at: HashMap::new(),
            typing_at: HashMap::new(),
            written: VecDeque::new(),
            phone_use: PhoneUse::default(),
            inbox: Inbox::default(),
            missed: VecDeque::new(),
        }
    }

    /// The phone number, unless it is hidden.
    pub fn shown_wa_id(&self) -> Option<&str> {
        self.wa_id.as_deref().filter(|_| !self.hides_phone)
    }

    /// The person in `contacts` of a callback (whatsapp-cloud-api-2026, section 1).
    pub fn contact(&self) -> Value {
        let mut profile = Map::from_iter([("name".to_owned(), json!(self.name))]);
        set(&mut profile, "username", self.username.as_deref());
        let mut contact = Map::from_iter([("profile".to_owned(), profile.into())]);
        set(&mut contact, "wa_id", self.shown_wa_id());
        set(&mut contact, "user_id", Some(&self.user_id));
        set(&mut contact, "parent_user_id", self.parent_user_id.as_deref());
        contact.into()
    }

    /// The fields of a message that name its sender. What is withheld is absent, not empty.
    pub fn sender(&self) -> Map<String, Value> {
        let mut sender = Map::new();
        set(&mut sender, "from", self.shown_wa_id());
        set(&mut sender, "from_user_id", Some(&self.user_id));
        set(&mut sender, "from_parent_user_id", self.parent_user_id.as_deref());
        sender
    }

    /// Keeps a message that the person wrote.
    pub fn keep(&mut self, written: Written) {
        self.written.push_back(written);
        if self.written.len() > MAX_WRITTEN {
            self.written.pop_front();
        }
    }

    /// Notes a message that does not arrive.
    pub fn miss(&mut self, missed: Missed) {
        self.missed.push_back(missed);
        if self.missed.len() > MAX_MISSED {
            self.missed.pop_front();
        }
    }

    /// See `People::mark_read`.
    pub fn mark_read(&mut self, number_id: &str, wamid: &str, typing_at: Option<i64>) -> bool {
        let Some(last) = self.written.iter().position(|written| written.is(number_id, wamid)) else { return false };
        for written in self.written.iter_mut().take(last + 1).filter(|written| written.number_id == number_id) {
            written.is_read = true;
        }
        if let Some(at) = typing_at {
            self.typing_at.insert(number_id.to_owned(), at);
        }
        true
    }

    /// Notes that the callback about messages of the person has been acknowledged.
    pub fn mark_delivered(&mut self, wamids: &[String]) {
        for written in self.written.iter_mut().filter(|written| wamids.contains(&written.wamid)) {
            written.is_delivered = true;
        }
    }

    /// Checks that the person can reach a number: the phone is online, and has not blocked it.
    pub fn require_contact(&self, number_id: &str) -> Result<(), ControlError> {
        if !self.phone_use.is_online {
            return Err(ControlError::conflict("isOnline", "The person's phone is offline."));
        }
        if self.blocked.contains(number_id) {
            return Err(ControlError::conflict("to", "The person has blocked this number."));
        }
        Ok(())
    }

    /// Whether the person wrote this message to the number.
    pub fn wrote(&self, number_id: &str, wamid: &str) -> bool {
        self.written.iter().any(|written| written.is(number_id, wamid))
    }

    /// The person, as `GET /people` shows one.
    pub fn to_json(&self) -> Value {
        json!({
            "phone": self.wa_id,
            "userId": self.user_id,
            "parentUserId": self.parent_user_id,
            "name": self.name,
            "username": self.username,
            "hidesPhone": self.hides_phone,
            "blocked": self.blocked,
            "optedOut": self.opted_out,
            "isOnline": self.phone_use.is_online,
            "reads": self.phone_use.reads,
        })
    }
}

/// Sets a field that there is a value for.
pub fn set(object: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), json!(value));
    }
}
