//! What the customers of a world do, and what happens to their calls.

use super::{Generator, OpenUrl};
use crate::fault::{CallId, Injection};
use crate::sweep::batches::REJECTED;
use crate::sweep::fault_cases;
use crate::world::manners::{Condition, Content, Keys, Manner};
use crate::world::operations::Operation;

/// Times that a hostile customer reports.
const TIMES: [&str; 6] = ["1790000000", "0", "-99999999999999", "99999999999999", "253402300800", "1e3"];
/// The functions that read keys.
const READ_KEYS: [&str; 4] = ["deliver", "receive", "notify", "manage"];
/// The calls that faults are injected at.
#[rustfmt::skip]
const CALLS: [(&str, &str); 36] = [
    ("send", "GetItem"), ("send", "UpdateItem"), ("send", "PutItem"), ("send", "SendMessage"),
    ("send", "TransactWriteItems"), ("settle", "BatchGetItem"), ("settle", "TransactWriteItems"),
    ("deliver", "GetItem"), ("deliver", "UpdateItem"), ("deliver", "POST messages"), ("deliver", "DeleteMessageBatch"),
    ("deliver", "ChangeMessageVisibilityBatch"), ("deliver", "SendMessage"), ("deliver", "TransactWriteItems"),
    ("receive", "GetItem"), ("receive", "UpdateItem"), ("receive", "PutItem"),
    ("notify", "Query"), ("notify", "SendMessage"), ("notify", "UpdateItem"), ("notify", "PutItem"),
    ("settle", "Query"), ("settle", "GetItem"), ("settle", "UpdateItem"), ("settle", "SendMessage"),
    ("manage", "GetItem"), ("manage", "TransactWriteItems"),
    ("media", "GetItem"), ("media", "UpdateItem"), ("media", "TransactWriteItems"), ("media", "SendMessage"),
    ("media", "GetObject"), ("media", "PutObject"), ("media", "POST media"),
    ("sources", "ReceiveMessage"), ("sources", "GetRecords"),
];

impl Generator<'_> {
    pub(super) fn send(&mut self, account: usize, instance: usize) -> Operation {
        let message = self.name();
        self.sent.push(message);
        let url = self.random.u8(0..3) == 0;
        let urls = self.urls.iter().filter(|open| url && open.account == account).copied();
        let url = self.random.choice(urls.collect::<Vec<_>>());
        let order = self.random.bool().then(|| self.order(account, url.map(|url| url.name)));
        let content = match self.random.u8(0..20) {
            0 => Content::Template,
            1 => Content::UnknownTemplate,
            2 | 3 => Content::Reply,
            4 | 5 if !self.accounts[account].polite => Content::File, // a message looks for its file again after seconds
            _ => Content::Text,
        };
        Operation::Send {
            message,
            account,
            instance: url.map_or(instance, |url| url.instance),
            key: url.map_or_else(|| self.random.usize(..self.accounts[account].keys), |url| url.key),
            url: url.map(|url| url.name),
            to: self.recipient(account),
            order,
            expires_in: (!self.accounts[account].polite && self.random.u8(0..8) == 0).then(|| self.random.u32(1..120)),
            content,
        }
    }

    /// A batch of a few recipients, a third of them with one who is none.
    pub(super) fn batch(&mut self, account: usize, instance: usize) -> Operation {
        let batch = self.name();
        self.batches.push(batch);
        let mut recipients: Vec<String> = (0..self.random.usize(1..7)).map(|_| self.recipient(account)).collect();
        if self.random.u8(0..3) == 0 {
            recipients.insert(self.random.usize(..recipients.len()), REJECTED.to_owned());
        }
        Operation::SendBatch {
            batch,
            account,
            instance,
            key: self.random.usize(..self.accounts[account].keys),
            recipients,
            has_order: self.random.u8(0..4) > 0,
            begins_in: (self.random.u8(0..4) == 0).then(|| self.random.u64(10..900)),
        }
    }

    pub(super) fn endpoint(&mut self, account: usize) -> Option<Operation> {
        let webhook = self.webhook(account)?;
        let manner = match self.random.u8(0..6) {
            0 => Manner::Hangs,
            1 | 2 => Manner::Recovers,
            _ => {
                let status = self.random.choice([301, 404, 429, 500, 503]).unwrap_or(500);
                Manner::Answers { status, calls: self.random.usize(1..12) }
            }
        };
        Some(Operation::Endpoint { account, webhook, manner })
    }

    pub(super) fn webhook(&mut self, account: usize) -> Option<usize> {
        self.random.choice(0..self.accounts[account].webhooks.len())
    }

    /// Disconnects an instance, whose number another one may have next.
    pub(super) fn disconnect(&mut self, account: usize, instance: usize) -> Operation {
        self.idle.push((account, instance));
        self.free.push((account, instance));
        Operation::Disconnect { account, instance }
    }

    /// Connects an instance that was disconnected to a number that is free.
    pub(super) fn connect(&mut self) -> Option<Operation> {
        let (idle, free) = (self.random.choice(0..self.idle.len())?, self.random.choice(0..self.free.len())?);
        let ((account, instance), number) = (self.idle.swap_remove(idle), self.free.swap_remove(free));
        Some(Operation::Connect { account, instance, number })
    }

    /// A report that the account signs itself.
    pub(super) fn forge(&mut self, account: usize) -> Option<Operation> {
        let (number, timestamp) = (self.forged_number(account), self.random.choice(TIMES)?.to_owned());
        let status = self.random.choice(["failed", "failed", "read", "delivered", "sent"])?.to_owned();
        Some(Operation::Forge { account, number, message: self.recent()?, status, timestamp })
    }

    /// A text that the account signs itself.
    pub(super) fn forge_text(&mut self, account: usize) -> Option<Operation> {
        let (number, timestamp) = (self.forged_number(account), self.random.choice(TIMES)?.to_owned());
        let size = self.random.choice([8, 4_000, 390_000])?;
        Some(Operation::ForgeText { message: self.name(), account, number, timestamp, size })
    }

    /// A number that the account reports for, mostly one of its own.
    pub(super) fn forged_number(&mut self, account: usize) -> (usize, usize) {
        if self.random.u8(0..5) == 0 {
            return (self.random.usize(..self.accounts.len()), 0);
        }
        (account, self.random.usize(..self.accounts[account].instances))
    }

    pub(super) fn fault(&mut self) -> Option<Operation> {
        let (caller, operation) = self.random.choice(CALLS)?;
        let number = self.random.usize(1..8);
        let call = CallId { caller: caller.to_owned(), operation: operation.to_owned(), number };
        let fault = fault_cases::any(&call, &mut self.random)?;
        Some(Operation::Fault { at: Injection { call, fault, lasts: false }.to_string() })
    }

    /// Customers number their orders by themselves, so that two of them have the same number, and so have two URLs.
    pub(super) fn order(&mut self, account: usize, url: Option<u32>) -> u32 {
        let orders = self.orders.entry((account, url)).or_default();
        *orders += 1;
        *orders
    }

    pub(super) fn open_url(&mut self, account: usize, instance: usize) -> Operation {
        let (name, key) = (self.name(), self.random.usize(..self.accounts[account].keys));
        self.urls.push(OpenUrl { name, account, instance, key });
        Operation::OpenUrl { url: name, account, instance, key }
    }

    pub(super) fn template(&mut self, account: usize) -> Operation {
        let own_apps: Vec<usize> = (0..self.accounts.len()).filter(|it| self.accounts[*it].own_app).collect();
        let signer = if self.random.bool() { self.random.choice(own_apps) } else { None };
        Operation::Template { message: self.name(), account, signer }
    }

    pub(super) fn rotate_keys(&mut self) -> Operation {
        let keys = if self.random.bool() { Keys::Master } else { Keys::Callback };
        let behind = if self.random.bool() { self.random.choice(READ_KEYS) } else { None };
        Operation::RotateKeys { keys, behind: behind.map(str::to_owned) }
    }

    pub(super) fn condition(&mut self) -> Condition {
        match self.random.u8(0..4) {
            0 => Condition::Disabled,
            1 => Condition::Restricted,
            _ => Condition::Reinstated,
        }
    }
}
