//! Makes worlds from seeds.

use std::collections::BTreeSet;

use fastrand::Rng;

use super::inhabitants;
use super::operations::{Content, Kind, Manner, Operation};
use super::plan::{AccountPlan, Plan, Step};
use crate::fault::{CallId, Injection};
use crate::sweep::cases;

/// The size of worlds, and what happens in them.
#[derive(Clone, Debug)]
pub struct Size {
    /// The most accounts.
    pub accounts: usize,
    /// The most instances of all accounts.
    pub instances: usize,
    /// Whether there may be people whose messages take long.
    pub slow: bool,
    /// The number of operations.
    pub operations: usize,
    /// The kinds of operations.
    pub kinds: BTreeSet<Kind>,
}

/// How often each kind is chosen, by its share of all.
const SHARES: [(Kind, u32); 20] = [
    (Kind::Send, 100),
    (Kind::SendOdd, 2),
    (Kind::Repeat, 12),
    (Kind::Cancel, 12),
    (Kind::Write, 12),
    (Kind::Busy, 5),
    (Kind::Erase, 3),
    (Kind::Endpoint, 6),
    (Kind::Fault, 5),
    (Kind::Switch, 4),
    (Kind::Rotate, 2),
    (Kind::Replay, 3),
    (Kind::Disconnect, 4),
    (Kind::Connect, 8),
    (Kind::Delete, 1),
    (Kind::Revoke, 1),
    (Kind::Trespass, 4),
    (Kind::Forge, 8),
    (Kind::ForgeText, 3),
    (Kind::Pass, 0), // between groups
];
/// What a polite account does.
const POLITE: [Kind; 6] = [Kind::Send, Kind::Repeat, Kind::Write, Kind::Rotate, Kind::Replay, Kind::Trespass];
/// The most operations of a group.
const GROUP: usize = 8;
/// How far the clock is moved between groups, in seconds.
const STEPS: [u64; 8] = [1, 2, 5, 10, 20, 61, 200, 960];
/// Times that a hostile customer reports.
const TIMES: [&str; 6] = ["1790000000", "0", "-99999999999999", "99999999999999", "253402300800", "1e3"];
/// The calls that faults are injected at.
#[rustfmt::skip]
const CALLS: [(&str, &str); 26] = [
    ("send", "GetItem"), ("send", "UpdateItem"), ("send", "PutItem"), ("send", "SendMessage"),
    ("deliver", "GetItem"), ("deliver", "UpdateItem"), ("deliver", "POST messages"), ("deliver", "DeleteMessageBatch"),
    ("deliver", "ChangeMessageVisibilityBatch"), ("deliver", "SendMessage"), ("deliver", "TransactWriteItems"),
    ("receive", "GetItem"), ("receive", "UpdateItem"), ("receive", "PutItem"),
    ("notify", "Query"), ("notify", "SendMessage"), ("notify", "UpdateItem"), ("notify", "PutItem"),
    ("settle", "Query"), ("settle", "GetItem"), ("settle", "UpdateItem"), ("settle", "SendMessage"),
    ("manage", "GetItem"), ("manage", "TransactWriteItems"),
    ("sources", "ReceiveMessage"), ("sources", "GetRecords"),
];

/// Spreads the seeds, so that worlds with neighbouring ones do not resemble each other.
const MIXED: u64 = 0x9e37_79b9_7f4a_7c15;

/// A world in the making.
struct Generator<'a> {
    random: Rng,
    size: &'a Size,
    accounts: Vec<AccountPlan>,
    people: Vec<&'static str>,
    /// The messages so far.
    sent: Vec<u32>,
    /// How many orders each account has.
    orders: Vec<u32>,
    /// The instances that were disconnected, and the numbers that are free by that.
    idle: Vec<(usize, usize)>,
    free: Vec<(usize, usize)>,
    /// The next message's name.
    next: u32,
}

/// The world of a seed.
pub fn generate(seed: u64, size: &Size) -> Plan {
    let mut random = Rng::with_seed(seed.wrapping_mul(MIXED));
    let accounts = inhabitants::accounts(&mut random, size.accounts, size.instances);
    let people = inhabitants::people(&mut random, size.slow);
    let orders = vec![0; accounts.len()];
    let (sent, idle, free) = Default::default();
    let mut generator = Generator { random, size, accounts, people, sent, orders, idle, free, next: 1 };
    let steps = generator.steps();
    Plan { accounts: generator.accounts, steps }
}

impl Generator<'_> {
    fn steps(&mut self) -> Vec<Step> {
        let (mut steps, mut group) = (Vec::new(), 0);
        while steps.len() < self.size.operations {
            group += 1;
            for _ in 0..self.random.usize(1..=GROUP) {
                let operation = self.operation();
                steps.extend(operation.map(|operation| Step { group, operation }));
            }
            if self.size.kinds.contains(&Kind::Pass) && self.random.u8(0..3) > 0 {
                group += 1;
                let seconds = self.random.choice(STEPS).unwrap_or(1);
                steps.push(Step { group, operation: Operation::Pass { seconds } });
            }
        }
        steps
    }

    fn operation(&mut self) -> Option<Operation> {
        let kind = self.kind();
        let account = self.account(kind);
        let instance = self.random.usize(..self.accounts[account].instances);
        match kind {
            Kind::Pass => None,
            Kind::Send => Some(self.send(account, instance)),
            Kind::SendOdd => {
                let (message, components) = (self.name(), self.random.usize(0..4));
                Some(Operation::SendOdd { message, account, instance, to: self.person(account), components })
            }
            Kind::Repeat => Some(Operation::Repeat { message: self.recent()? }),
            Kind::Cancel => Some(Operation::Cancel { message: self.recent()? }),
            Kind::Erase => Some(Operation::Erase { account, phone: self.person(account) }),
            Kind::Write => {
                let message = self.name();
                Some(Operation::Write { message, account, instance, from: self.person(account) })
            }
            Kind::Busy => Some(Operation::Busy { account, instance, seconds: self.random.u64(12..40) }),
            Kind::Endpoint => self.endpoint(account),
            Kind::Fault => self.fault(),
            Kind::Switch => {
                let webhook = self.webhook(account)?;
                Some(Operation::Switch { account, webhook, active: self.random.bool() })
            }
            Kind::Rotate => Some(Operation::Rotate { account, webhook: self.webhook(account)? }),
            Kind::Replay => {
                let (webhook, message) = (self.webhook(account)?, self.recent()?);
                Some(Operation::Replay { account, webhook, message })
            }
            Kind::Disconnect => Some(self.disconnect(account, instance)),
            Kind::Connect => self.connect(),
            Kind::Delete => Some(Operation::Delete { account, instance }),
            Kind::Revoke => {
                let keys = self.accounts[account].keys;
                (keys > 1).then_some(Operation::Revoke { account, key: keys - 1 })
            }
            Kind::Trespass => Some(Operation::Trespass { account, message: self.recent()? }),
            Kind::Forge => self.forge(account),
            Kind::ForgeText => self.forge_text(account),
        }
    }

    /// An account. To a polite one nothing happens that could delay its messages.
    fn account(&mut self, kind: Kind) -> usize {
        let account = self.random.usize(..self.accounts.len());
        if self.accounts[account].polite && !POLITE.contains(&kind) {
            return self.random.usize(1..self.accounts.len());
        }
        account
    }

    fn kind(&mut self) -> Kind {
        let shares: Vec<_> = SHARES.into_iter().filter(|(kind, _)| self.size.kinds.contains(kind)).collect();
        let mut chosen = self.random.u32(..shares.iter().map(|(_, share)| share).sum::<u32>().max(1));
        for (kind, share) in shares {
            match chosen.checked_sub(share) {
                Some(rest) => chosen = rest,
                None => return kind,
            }
        }
        Kind::Pass
    }

    fn send(&mut self, account: usize, instance: usize) -> Operation {
        let message = self.name();
        self.sent.push(message);
        let order = self.random.bool().then(|| self.order(account));
        let content = match self.random.u8(0..20) {
            0 => Content::Template,
            1 => Content::UnknownTemplate,
            2 | 3 => Content::Reply,
            _ => Content::Text,
        };
        Operation::Send {
            message,
            account,
            instance,
            key: self.random.usize(..self.accounts[account].keys),
            to: self.person(account),
            order,
            expires_in: (!self.accounts[account].polite && self.random.u8(0..8) == 0).then(|| self.random.u32(1..120)),
            content,
        }
    }

    fn endpoint(&mut self, account: usize) -> Option<Operation> {
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

    fn webhook(&mut self, account: usize) -> Option<usize> {
        self.random.choice(0..self.accounts[account].webhooks.len())
    }

    /// Disconnects an instance, whose number another one may have next.
    fn disconnect(&mut self, account: usize, instance: usize) -> Operation {
        self.idle.push((account, instance));
        self.free.push((account, instance));
        Operation::Disconnect { account, instance }
    }

    /// Connects an instance that was disconnected to a number that is free.
    fn connect(&mut self) -> Option<Operation> {
        let (idle, free) = (self.random.choice(0..self.idle.len())?, self.random.choice(0..self.free.len())?);
        let ((account, instance), number) = (self.idle.swap_remove(idle), self.free.swap_remove(free));
        Some(Operation::Connect { account, instance, number })
    }

    /// A report that the account signs itself.
    fn forge(&mut self, account: usize) -> Option<Operation> {
        let (number, timestamp) = (self.forged_number(account), self.random.choice(TIMES)?.to_owned());
        let status = self.random.choice(["failed", "failed", "read", "delivered", "sent"])?.to_owned();
        Some(Operation::Forge { account, number, message: self.recent()?, status, timestamp })
    }

    /// A text that the account signs itself.
    fn forge_text(&mut self, account: usize) -> Option<Operation> {
        let (number, timestamp) = (self.forged_number(account), self.random.choice(TIMES)?.to_owned());
        let size = self.random.choice([8, 4_000, 390_000])?;
        Some(Operation::ForgeText { message: self.name(), account, number, timestamp, size })
    }

    /// A number that the account reports for, mostly one of its own.
    fn forged_number(&mut self, account: usize) -> (usize, usize) {
        if self.random.u8(0..5) == 0 {
            return (self.random.usize(..self.accounts.len()), 0);
        }
        (account, self.random.usize(..self.accounts[account].instances))
    }

    fn fault(&mut self) -> Option<Operation> {
        let (caller, operation) = self.random.choice(CALLS)?;
        let number = self.random.usize(1..8);
        let call = CallId { caller: caller.to_owned(), operation: operation.to_owned(), number };
        let fault = cases::any(&call, &mut self.random)?;
        Some(Operation::Fault { at: Injection { call, fault, lasts: false }.to_string() })
    }

    /// One of the latest messages.
    fn recent(&mut self) -> Option<u32> {
        let latest = self.sent.len().saturating_sub(10);
        self.random.choice(self.sent[latest..].iter().copied())
    }

    fn person(&mut self, account: usize) -> String {
        if self.accounts[account].polite {
            return self.random.choice(inhabitants::OF_THE_POLITE).unwrap_or_default().to_owned();
        }
        self.random.choice(self.people.iter()).map(|phone| (*phone).to_owned()).unwrap_or_default()
    }

    /// Customers number their orders by themselves, so that two of them have the same number.
    fn order(&mut self, account: usize) -> u32 {
        self.orders[account] += 1;
        self.orders[account]
    }

    fn name(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}
