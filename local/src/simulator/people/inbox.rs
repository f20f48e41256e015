//! Messages that wait for a person: those that have not arrived, since the phone is offline, and those that nobody has read.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::super::ledger::AcceptedMessage;
use super::super::status_plan::{Status, StatusPlan};

/// The most messages that wait for a person; the oldest are forgotten, and nothing more is reported of them.
const MAX_WAITING: usize = 1_000;

/// When a person's phone reports that a message was read.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Reads {
    /// As soon as it has arrived: the person looks at the phone all the time.
    #[default]
    Automatically,
    /// When the conversation is opened.
    WhenOpened,
    /// Never: the person has turned read receipts off.
    Never,
}

/// How a person uses the phone.
#[derive(Clone, Copy, Debug)]
pub struct PhoneUse {
    /// Whether the phone has a connection. Messages arrive when it has one.
    pub is_online: bool,
    /// When it reports that a message was read.
    pub reads: Reads,
}

impl Default for PhoneUse {
    fn default() -> Self {
        Self { is_online: true, reads: Reads::default() }
    }
}

/// The statuses of a message from the one on that waits.
#[derive(Clone, Debug)]
pub struct RemainingStatuses {
    /// The message.
    pub message: AcceptedMessage,
    /// All its statuses.
    pub plan: StatusPlan,
    /// The place in `plan.statuses` of the one that waits.
    pub next: usize,
}

/// The messages that wait for a person, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Inbox(VecDeque<Incoming>);

#[derive(Clone, Debug)]
struct Incoming {
    message: AcceptedMessage,
    has_arrived: bool,
    is_read: bool,
    /// Whether it was read while read receipts were off, so that nobody learns of it later either.
    is_silent: bool,
    waiting: Option<RemainingStatuses>,
}

impl Inbox {
    /// Takes a message. One to a person who reads everything at once does not wait.
    pub fn receive(&mut self, message: &AcceptedMessage, phone: PhoneUse) {
        let is_reaction = message.message["type"] == "reaction"; // nothing of it is reported or read
        if phone.is_online && (phone.reads == Reads::Automatically || is_reaction) {
            return;
        }
        let has_arrived = phone.is_online;
        let (message, is_read) = (message.clone(), is_reaction);
        self.0.push_back(Incoming { message, has_arrived, is_read, is_silent: false, waiting: None });
        if self.0.len() > MAX_WAITING {
            self.0.pop_front();
        }
    }

    /// Whether the next status of a message happens now. Otherwise it and those behind it wait until `release`, or never happen.
    pub fn may_report(&mut self, statuses: &RemainingStatuses, phone: PhoneUse) -> bool {
        let Some(place) = self.0.iter().position(|incoming| incoming.message.wamid == statuses.message.wamid) else {
            return true;
        };
        let incoming = &mut self.0[place];
        let status = statuses.plan.statuses[statuses.next];
        match status {
            Status::Delivered if incoming.has_arrived => return true,
            Status::Read if incoming.is_read || phone.reads == Reads::Automatically => {
                return self.0.remove(place).is_none_or(|incoming| !incoming.is_silent);
            }
            Status::Delivered | Status::Read => incoming.waiting = Some(statuses.clone()),
            Status::Sent | Status::Failed => return true,
        }
        false
    }

    /// Marks what has arrived from a number as read, and returns how many messages that were.
    pub fn open(&mut self, number_id: &str, phone: PhoneUse) -> usize {
        let is_new = |incoming: &&mut Incoming| {
            incoming.message.number_id == number_id && incoming.has_arrived && !incoming.is_read
        };
        let new = self.0.iter_mut().filter(is_new);
        new.map(|incoming| (incoming.is_read, incoming.is_silent) = (true, phone.reads == Reads::Never)).count()
    }

    /// Lets messages arrive if the phone is online, and returns the statuses that need not wait any longer.
    pub fn release(&mut self, phone: PhoneUse) -> Vec<RemainingStatuses> {
        let mut released = Vec::new();
        if !phone.is_online {
            return released;
        }
        self.0.retain_mut(|incoming| {
            incoming.has_arrived = true;
            incoming.is_read |= phone.reads == Reads::Automatically;
            let Some(statuses) = incoming.waiting.take() else {
                return incoming.message.message["type"] != "reaction";
            };
            let is_last = statuses.plan.statuses[statuses.next] == Status::Read;
            if is_last && !incoming.is_read {
                incoming.waiting = Some(statuses);
            } else if !is_last || !incoming.is_silent {
                released.push(statuses);
            }
            !is_last || !incoming.is_read
        });
        released
    }

    /// Whether each message that waits has arrived, and whether it was read, by its id at WhatsApp.
    pub fn waiting(&self) -> HashMap<&str, (bool, bool)> {
        let state = |incoming: &Incoming| (incoming.has_arrived, incoming.is_read);
        self.0.iter().map(|incoming| (incoming.message.wamid.as_str(), state(incoming))).collect()
    }

    /// How many messages have arrived from each number and were not read.
    pub fn unread(&self) -> HashMap<&str, usize> {
        let mut counts = HashMap::new();
        for incoming in self.0.iter().filter(|incoming| incoming.has_arrived && !incoming.is_read) {
            *counts.entry(incoming.message.number_id.as_str()).or_default() += 1;
        }
        counts
    }
}
