//! Makes worlds from seeds.

mod customers;
mod people;

use std::collections::{BTreeSet, HashMap};

use fastrand::Rng;

use super::inhabitants;
use super::operations::{Kind, Operation};
use super::plan::{AccountPlan, Plan, Step};

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
const SHARES: [(Kind, u32); 33] = [
    (Kind::Send, 100),
    (Kind::SendOdd, 2),
    (Kind::SendBatch, 8),
    (Kind::RepeatBatch, 3),
    (Kind::CancelBatch, 3),
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
    (Kind::OpenUrl, 4),
    (Kind::CloseUrl, 1),
    (Kind::Rewrite, 3),
    (Kind::Renumber, 2),
    (Kind::Flood, 2),
    (Kind::ReplayPeriod, 2),
    (Kind::Crowd, 1),
    (Kind::Condition, 2),
    (Kind::Template, 3),
    (Kind::RotateKeys, 4),
    (Kind::Pass, 0), // between groups
];
/// What a polite account does.
const POLITE: [Kind; 6] = [Kind::Send, Kind::Repeat, Kind::Write, Kind::Rotate, Kind::Replay, Kind::Trespass];
/// The most operations of a group.
const GROUP: usize = 8;
/// How far the clock is moved between groups, in seconds.
const STEPS: [u64; 8] = [1, 2, 5, 10, 20, 61, 200, 960];

/// Spreads the seeds, so that worlds with neighbouring ones do not resemble each other.
const MIXED: u64 = 0x9e37_79b9_7f4a_7c15;

/// A world in the making.
struct Generator<'a> {
    random: Rng,
    size: &'a Size,
    accounts: Vec<AccountPlan>,
    people: Vec<String>,
    /// The messages so far.
    sent: Vec<u32>,
    /// The batches so far.
    batches: Vec<u32>,
    /// Those that people wrote.
    written: Vec<u32>,
    /// The inbound URLs.
    urls: Vec<OpenUrl>,
    /// How many orders each account has through its keys, and through each inbound URL.
    orders: HashMap<(usize, Option<u32>), u32>,
    /// The instances that were disconnected, and the numbers that are free by that.
    idle: Vec<(usize, usize)>,
    free: Vec<(usize, usize)>,
    /// The next message's name.
    next: u32,
}

/// An inbound URL that was created before.
#[derive(Clone, Copy)]
struct OpenUrl {
    name: u32,
    account: usize,
    instance: usize,
    key: usize,
}

/// The world of a seed.
pub fn generate(seed: u64, size: &Size) -> Plan {
    let mut random = Rng::with_seed(seed.wrapping_mul(MIXED));
    let accounts = inhabitants::accounts(&mut random, size.accounts, size.instances);
    let people = inhabitants::people(&mut random, size.slow);
    let (sent, batches, written, urls, orders, idle, free) = Default::default();
    let mut generator =
        Generator { random, size, accounts, people, sent, batches, written, urls, orders, idle, free, next: 1 };
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
            if self.size.kinds.contains(&Kind::Send) && self.random.u8(0..24) == 0 {
                steps.extend(self.campaign().map(|operation| Step { group, operation }));
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
            Kind::RotateKeys => Some(self.rotate_keys()),
            Kind::Send => Some(self.send(account, instance)),
            Kind::SendOdd => {
                let (message, components) = (self.name(), self.random.usize(0..4));
                Some(Operation::SendOdd { message, account, instance, to: self.person(account), components })
            }
            Kind::SendBatch => Some(self.batch(account, instance)),
            Kind::RepeatBatch => Some(Operation::RepeatBatch { batch: self.recent_batch()? }),
            Kind::CancelBatch => Some(Operation::CancelBatch { batch: self.recent_batch()? }),
            Kind::Repeat => Some(Operation::Repeat { message: self.recent()? }),
            Kind::Cancel => Some(Operation::Cancel { message: self.recent()? }),
            Kind::Erase => Some(Operation::Erase { account, phone: self.alias(account) }),
            Kind::Write => Some(self.write(account, instance)),
            Kind::Rewrite => Some(Operation::Rewrite { message: self.random.choice(self.written.iter().copied())? }),
            Kind::Renumber => self.renumber(account, instance),
            Kind::Flood => Some(self.flood(account, instance)),
            Kind::OpenUrl => Some(self.open_url(account, instance)),
            Kind::CloseUrl => {
                let OpenUrl { account, name, .. } = self.random.choice(self.urls.iter().copied())?;
                Some(Operation::CloseUrl { account, url: name })
            }
            Kind::Busy => {
                let seconds = if self.random.u8(0..3) == 0 { 125..300 } else { 12..40 };
                Some(Operation::Busy { account, instance, seconds: self.random.u64(seconds) })
            }
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
            Kind::ReplayPeriod => {
                let (webhook, minutes) = (self.webhook(account)?, self.random.u64(1..60));
                Some(Operation::ReplayPeriod { account, webhook, minutes })
            }
            Kind::Crowd => Some(Operation::Crowd { account, instance, count: self.random.usize(4..30) }),
            Kind::Condition => Some(Operation::Condition { account, condition: self.condition() }),
            Kind::Template => Some(self.template(account)),
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

    /// One of the latest messages.
    fn recent(&mut self) -> Option<u32> {
        let latest = self.sent.len().saturating_sub(10);
        self.random.choice(self.sent[latest..].iter().copied())
    }

    /// One of the latest batches.
    fn recent_batch(&mut self) -> Option<u32> {
        let latest = self.batches.len().saturating_sub(3);
        self.random.choice(self.batches[latest..].iter().copied())
    }

    fn person(&mut self, account: usize) -> String {
        if self.accounts[account].polite {
            return self.random.choice(inhabitants::OF_THE_POLITE).unwrap_or_default().to_owned();
        }
        self.random.choice(self.people.iter()).cloned().unwrap_or_default()
    }

    fn name(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}
