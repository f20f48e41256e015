//! The charge against a model: two processes, each with what it last saw, charge a real table in any order, and the table
//! holds what the model holds.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::aws::test_database::tables;
use crate::aws::{SLOTS, UpdateBuilder};
use crate::ids::{self, InstanceId, KeyId};
use crate::ledger::key_limit::LimitedKey;
use crate::ledger::ledger_item::{SLOT_ITEMS, bulk_attribute, slot_attribute};
use crate::ledger::rate_limit::{RateLimit, micros};

/// When histories begin, in milliseconds since the epoch.
const START: i64 = 1_770_000_000_000;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// A process charges for a key and an instance, so many milliseconds later.
    Charge { process: usize, key: usize, instance: usize, later: u64 },
    /// The request of an earlier charge is complete.
    Complete { process: usize, charge: usize },
    /// The charge of an earlier request is refunded.
    Refund { charge: usize },
    /// An instance has drained, and `settle` brings it back to the express lane.
    Drain { instance: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let charge = (0..2usize, 0..2usize, 0..3usize, prop_oneof![Just(0u64), 0..40u64, 0..4_000u64]);
    prop_oneof![
        6 => charge.prop_map(|(process, key, instance, later)| Step::Charge { process, key, instance, later }),
        1 => (0..2usize, any::<prop::sample::Index>()).prop_map(|(process, at)| Step::Complete { process, charge: at.index(1000) }),
        1 => any::<prop::sample::Index>().prop_map(|at| Step::Refund { charge: at.index(1000) }),
        1 => (0..3usize).prop_map(|instance| Step::Drain { instance }),
    ]
}

/// What the ledger should hold.
struct Model {
    credits: i64,
    arrivals: BTreeMap<String, i64>,
    bulk: BTreeSet<String>,
    reserved: BTreeSet<String>,
    /// Where arrival times may be after the last charge: within the slack there are two right places.
    advanced: BTreeMap<String, Vec<i64>>,
}

impl Model {
    /// The slot and the lane, or why a charge is refused.
    fn charge(&mut self, purchase: &Purchase<'_>, now: Timestamp) -> Result<(i64, Lane), &'static str> {
        let limits = [
            (key_attribute(&purchase.key.key_id), purchase.key.limit),
            (slot_attribute(purchase.instance), purchase.slots.booked()),
        ];
        let [key, instance] = limits.map(|(name, limit)| (limit.decide(self.arrival(&name), now), limit, name));
        let Decision::Allow(_) = key.0 else { return Err("key") };
        self.advance(key.2, key.1, now); // whether it is refused or not
        if self.credits < 1 {
            return Err("credits");
        }
        let Decision::Allow(_) = instance.0 else { return Err("slot") };
        let slot = self.arrival(&instance.2);
        self.advance(instance.2, instance.1, now);
        self.credits -= 1;
        let mark = bulk_attribute(purchase.instance);
        if slot > micros(now) + 10_000_000 || self.bulk.contains(&mark) {
            self.bulk.insert(mark);
            return Ok(((slot / 1000).max(now.millis()), Lane::Bulk));
        }
        Ok(((slot / 1000).max(now.millis()), Lane::Express))
    }

    fn advance(&mut self, name: String, limit: RateLimit, now: Timestamp) {
        let (arrival, now) = (self.arrival(&name), micros(now));
        let from_there = (arrival > now - limit.slack).then_some(arrival + limit.interval);
        let from_now = (arrival <= now).then_some(now + limit.interval);
        self.advanced.insert(name, from_there.into_iter().chain(from_now).collect());
    }

    /// Takes over where the table's arrival times are, of the places where they may be.
    fn observe(&mut self, items: &[LedgerItem]) {
        for (name, places) in std::mem::take(&mut self.advanced) {
            let real = arrival_in(items, &name);
            assert!(places.contains(&real), "{name} is {real}, not one of {places:?}");
            self.arrivals.insert(name, real);
        }
    }

    fn arrival(&self, name: &str) -> i64 {
        self.arrivals.get(name).copied().unwrap_or(0)
    }
}

pub(crate) async fn table() -> AccountsTable {
    tables(|_| None).await.0
}

pub(super) fn limited_key(account: &AccountId, per_minute: u32) -> LimitedKey {
    let limit = RateLimit::per_minute(per_minute);
    LimitedKey { account_id: account.clone(), key_id: KeyId::generate(), limit }
}

/// The account's ledger and its items of slots.
async fn items(ledger: &Ledger, account: &AccountId) -> Vec<LedgerItem> {
    let item = ledger.read(account).await.expect("an answer").expect("a ledger");
    let own = ledger.accounts.query_items(account.as_str(), SLOTS).await.expect("an answer");
    [item].into_iter().chain(own.iter().map(LedgerItem::from_item)).collect()
}

fn arrival_in(items: &[LedgerItem], name: &str) -> i64 {
    items.iter().map(|item| item.arrival(name)).max().expect("a ledger")
}

/// With `slot_items`, slots are booked in items of their own from the beginning, except for what the ledger holds already.
async fn replay(accounts: &AccountsTable, credits: i64, slot_items: bool, steps: Vec<Step>) {
    let account = AccountId::generate();
    let ledger = Ledger::new(accounts.clone());
    ledger.open(&account, credits).await.expect("a ledger");
    let processes = [Charger::new(accounts.clone()), Charger::new(accounts.clone())];
    let keys = [limited_key(&account, 5), limited_key(&account, 600)];
    let instances = [InstanceId::generate(), InstanceId::generate(), InstanceId::generate()];
    let numbers = [80, 1, 1].map(|rate| SendSlots { rate });
    // The second instance is booked nearly as far ahead as it may be.
    let booked = micros(Timestamp::from_millis(START)) + 1_197_000_000;
    let ahead = UpdateBuilder::new().set(&slot_attribute(&instances[1]), booked);
    let ahead = ahead.set_some(SLOT_ITEMS, slot_items.then_some(true));
    accounts.update(ItemKey::ledger(&account), &ahead).await.expect("an answer");
    let mut model = Model {
        credits,
        arrivals: BTreeMap::from([(slot_attribute(&instances[1]), booked)]),
        bulk: BTreeSet::new(),
        reserved: BTreeSet::new(),
        advanced: BTreeMap::new(),
    };
    let (mut nonces, mut done, mut now) = (Vec::new(), BTreeSet::new(), START);
    for step in steps {
        match step {
            Step::Charge { process, key, instance, later } => {
                now += i64::try_from(later).expect("few");
                let purchase = Purchase {
                    key: &keys[key],
                    instance: &instances[instance],
                    slots: numbers[instance],
                    message: ids::random(),
                    batch_size: None,
                    is_scheduled: false,
                };
                let now = Timestamp::from_millis(now);
                let expected = model.charge(&purchase, now);
                match (processes[process].charge(&purchase, now).await, expected) {
                    (Ok(charged), Ok(expected)) => {
                        assert_eq!((charged.slot.millis(), charged.lane), expected);
                        model.reserved.insert(charged.nonce.clone());
                        nonces.push(charged.nonce);
                    }
                    (Err(error), Err(why)) => assert_eq!(reason(&error), why),
                    (real, expected) => panic!("{real:?} where the model says {expected:?}"),
                }
                model.observe(&items(&ledger, &account).await);
            }
            Step::Drain { instance } => {
                let mark = bulk_attribute(&instances[instance]);
                model.bulk.remove(&mark);
                let change = UpdateBuilder::new().remove(&mark).when_present(&mark);
                for key in [ItemKey::ledger(&account), ItemKey::slots(&account, &instances[instance])] {
                    accounts.update(key, &change).await.expect("an answer");
                }
            }
            Step::Complete { process, charge } if !nonces.is_empty() => {
                let nonce: &String = &nonces[charge % nonces.len()];
                processes[process].complete(&account, reservation_attribute(nonce));
                done.insert(nonce.clone());
            }
            Step::Refund { charge } if !nonces.is_empty() => {
                let nonce = &nonces[charge % nonces.len()];
                if !done.contains(nonce) {
                    ledger.refund_reservation(&account, &reservation_attribute(nonce)).await.expect("an answer");
                    model.credits += i64::from(model.reserved.remove(nonce));
                }
            }
            _ => {}
        }
    }
    let items = items(&ledger, &account).await;
    let item = &items[0];
    assert_eq!(item.credits, model.credits);
    for (name, arrival) in &model.arrivals {
        let real = arrival_in(&items, name);
        assert!(real == *arrival || (real == 0 && *arrival <= now * 1000), "{name}");
    }
    let marks: BTreeSet<_> = items.iter().flat_map(|item| item.bulk_marks.keys().cloned()).collect();
    assert_eq!(marks, model.bulk);
    let reserved: BTreeSet<String> = item.reservations.iter().map(|open| open.nonce.clone()).collect();
    let open: BTreeSet<String> = model.reserved.difference(&done).cloned().collect();
    assert!(open.is_subset(&reserved) && reserved.is_subset(&model.reserved), "{reserved:?}, of {:?}", model.reserved);
}

fn reason(error: &ApiError) -> &'static str {
    match (error.code, error.field.as_deref()) {
        (ErrorCode::InsufficientCredits, None) => "credits",
        (ErrorCode::RateLimitExceeded, Some("instanceId")) => "slot",
        (ErrorCode::RateLimitExceeded, None) => "key",
        _ => panic!("{error:?}"),
    }
}

#[test]
fn charges_of_two_processes_in_any_order_match_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let accounts = runtime.block_on(table());
    let history = (0i64..30, any::<bool>(), prop::collection::vec(step(), 1..60));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    let result = runner.run(&history, |(credits, slot_items, steps)| {
        runtime.block_on(replay(&accounts, credits, slot_items, steps));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
