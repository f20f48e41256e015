//! What the people of a world do, and whom its accounts write to.

use local::simulator::Person;

use super::Generator;
use crate::world::inhabitants;
use crate::world::manners::{Content, Shown};
use crate::world::operations::Operation;

/// How many messages a campaign has.
const CAMPAIGN: usize = 40;

impl Generator<'_> {
    pub(super) fn write(&mut self, account: usize, instance: usize) -> Operation {
        let (message, from) = (self.name(), self.person(account));
        self.written.push(message);
        let shown = match self.random.u8(0..6) {
            0 => Shown::User,
            1 | 2 => Shown::Both,
            _ => Shown::Phone,
        };
        let picture = self.random.u8(0..4) == 0;
        Operation::Write { message, account, instance, from, shown, picture }
    }

    /// Somebody's new number, at which people are written to from then on as well.
    pub(super) fn renumber(&mut self, account: usize, instance: usize) -> Option<Operation> {
        let ordinary = self.people.iter().filter(|phone| inhabitants::is_ordinary(phone));
        let from = self.random.choice(ordinary.cloned().collect::<Vec<_>>())?;
        let (message, to) = (self.name(), inhabitants::next_number(&from));
        self.written.push(message);
        if !self.people.contains(&to) {
            self.people.push(to.clone());
        }
        Some(Operation::Renumber { message, account, instance, from, to })
    }

    pub(super) fn flood(&mut self, account: usize, instance: usize) -> Operation {
        let (message, from) = (self.name(), self.person(account));
        let (count, lines) = (self.random.u32(1..=6), self.random.choice([5, 800, 3_000]).unwrap_or(5));
        self.next += count - 1;
        self.written.push(message);
        Operation::Flood { message, account, instance, from, count, lines }
    }

    /// Many messages at once to people of whom each gets one.
    pub(super) fn campaign(&mut self) -> impl Iterator<Item = Operation> {
        let account = self.random.usize(usize::from(self.accounts[0].polite)..self.accounts.len());
        let instance = self.random.usize(..self.accounts[account].instances);
        let first = self.next;
        self.next += CAMPAIGN as u32;
        (first..self.next).map(move |message| Operation::Send {
            message,
            account,
            instance,
            key: 0,
            url: None,
            to: format!("551197777{:04}", message % 10_000),
            order: None,
            expires_in: None,
            content: Content::Text,
        })
    }

    /// Somebody to write to, by the number or by the user id.
    pub(super) fn recipient(&mut self, account: usize) -> String {
        let phone = self.person(account);
        let by_user_id = inhabitants::is_ordinary(&phone) && self.random.u8(0..4) == 0;
        if by_user_id { Person::from_recipient(&phone).user_id } else { phone }
    }

    /// Any alias of somebody.
    pub(super) fn alias(&mut self, account: usize) -> String {
        let phone = self.person(account);
        let Person { wa_id, user_id } = Person::from_recipient(&phone);
        match self.random.u8(0..4) {
            0 => user_id,
            1 => wa_id.unwrap_or(phone),
            _ => phone,
        }
    }
}
