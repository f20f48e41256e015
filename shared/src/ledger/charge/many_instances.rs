//! Charges of accounts with many instances, keys and requests at the same time.

use aws_sdk_dynamodb::types::AttributeValue;

use super::model::{limited_key, table};
use super::*;
use crate::aws::{Item, UpdateBuilder};
use crate::ids::{self, InstanceId, MessageId};
use crate::ledger::key_limit::LimitedKey;
use crate::ledger::late_slots::LateSlots;
use crate::ledger::ledger_item::{SLOT_ITEMS, bulk_attribute, late_slot_attribute, slot_attribute};
use crate::ledger::reservation::{OLD_RESERVATION, RESERVATIONS};

const START: i64 = 1_770_000_000_000;
const DAY: i64 = 86_400_000;

/// An account with credits, and a process that charges it.
struct Customer {
    ledger: Ledger,
    charger: Charger,
    key: LimitedKey,
}

impl Customer {
    async fn open() -> Self {
        let accounts = table().await;
        let ledger = Ledger::new(accounts.clone());
        let key = limited_key(&AccountId::generate(), 1_000_000);
        ledger.open(&key.account_id, 100_000).await.expect("a ledger");
        Self { ledger, charger: Charger::new(accounts), key }
    }

    /// An account whose ledger an earlier version has written.
    async fn of_earlier_version(attributes: impl IntoIterator<Item = (String, i64)>) -> Self {
        let customer = Self::open().await;
        for chunk in attributes.into_iter().collect::<Vec<_>>().chunks(50) {
            let update = chunk.iter().fold(UpdateBuilder::new(), |update, (name, value)| update.set(name, *value));
            customer.write(&update).await;
        }
        customer.write(&UpdateBuilder::new().remove(RESERVATIONS)).await;
        customer
    }

    async fn write(&self, update: &UpdateBuilder) {
        let written = self.ledger.accounts.update(ItemKey::ledger(&self.key.account_id), update).await;
        assert!(written.expect("an answer").is_applied());
    }

    async fn charge(&self, instance: &InstanceId, at: i64) -> Result<Charge, ApiError> {
        let purchase = Purchase {
            key: &self.key,
            instance,
            slots: SendSlots { rate: 80 },
            message: ids::random(),
            batch_size: None,
            is_scheduled: false,
        };
        self.charger.charge(&purchase, Timestamp::from_millis(at)).await
    }

    /// A charge whose request is complete.
    async fn send(&self, instance: &InstanceId, at: i64) -> Charge {
        let charge = self.charge(instance, at).await.expect("a charge");
        self.charger.complete(&self.key.account_id, reservation_attribute(&charge.nonce));
        charge
    }

    async fn item(&self) -> LedgerItem {
        self.ledger.read(&self.key.account_id).await.expect("an answer").expect("a ledger")
    }

    async fn units(&self) -> usize {
        let items = self.ledger.accounts.query_items(self.key.account_id.as_str(), "meter").await.expect("an answer");
        size(&items[0]).div_ceil(1024)
    }
}

/// What DynamoDB bills an item as, in bytes.
fn size(item: &Item) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::M(map) => 3 + map.keys().map(|name| name.len() + 1 + 22).sum::<usize>(),
        _ => 1,
    };
    item.iter().map(|(name, content)| name.len() + value(content)).sum()
}

fn instances(number: usize) -> Vec<InstanceId> {
    (0..number).map(|_| InstanceId::generate()).collect()
}

#[tokio::test]
async fn an_account_with_a_thousand_instances_keeps_sending() {
    let customer = Customer::open().await;
    let instances = instances(1000);
    // All at once, so that no slot is idle while the others are booked; and a day later, when all of them are idle.
    for (at, sending) in [(START, &instances[..]), (START + DAY, &instances[..50])] {
        for instance in sending {
            customer.send(instance, at).await;
        }
        assert_eq!(customer.units().await, 1);
    }
    assert_eq!(customer.item().await.credits, 98_950);
}

#[tokio::test]
async fn a_thousand_instances_and_a_hundred_keys_at_work_cost_few_units() {
    let customer = Customer::open().await;
    let (instances, account) = (instances(1000), &customer.key.account_id);
    let keys: Vec<_> = (0..100).map(|_| limited_key(account, 600)).collect();
    let chargers: Vec<_> = (0..16).map(|_| Charger::new(customer.ledger.accounts.clone())).collect();
    let mut units = Vec::new();
    for number in 0..1_000 {
        let purchase = Purchase {
            key: &keys[number * 7 % keys.len()],
            instance: &instances[number * 13 % instances.len()],
            slots: SendSlots { rate: 80 },
            message: ids::random(),
            batch_size: None,
            is_scheduled: false,
        };
        let now = Timestamp::from_millis(START + 4 * i64::try_from(number).expect("few"));
        let charger = &chargers[number % chargers.len()];
        let charge = charger.charge(&purchase, now).await.expect("a charge");
        charger.complete(account, reservation_attribute(&charge.nonce));
        if number % 20 == 0 {
            units.push(customer.units().await);
        }
    }
    println!("units of the ledger: {units:?}");
    assert!(units.iter().all(|units| *units <= 6), "{units:?}");
}

#[tokio::test]
async fn charges_of_several_processes_at_a_steady_load_are_seldom_refused() {
    let customer = Customer::open().await;
    let (account, instance) = (&customer.key.account_id, InstanceId::generate());
    let purchase = || Purchase {
        key: &customer.key,
        instance: &instance,
        slots: SendSlots { rate: 80 },
        message: ids::random(),
        batch_size: None,
        is_scheduled: false,
    };
    let processes: Vec<_> = (0..4).map(|_| Charger::new(customer.ledger.accounts.clone())).collect();
    let (mut refused, messages, mut now) = (0, 400, START);
    for number in 0..messages {
        now += [5, 35, 20, 10, 30][number % 5]; // 50 a second, where 64 are booked
        let process = &processes[number * 7 % 11 % processes.len()];
        let (nonce, now) = (new_nonce(), Timestamp::from_millis(now));
        while process.try_to_charge(&purchase(), &nonce, now).await.expect("an answer").is_none() {
            refused += 1;
        }
        process.complete(account, reservation_attribute(&nonce));
    }
    println!("{refused} of {messages} charges were repeated");
    assert!(refused * 10 <= messages, "{refused} of {messages} charges were repeated");
}

#[tokio::test]
async fn the_expressions_of_a_charge_are_short_however_much_is_idle() {
    let customer = Customer::open().await;
    let idle =
        instances(1000).into_iter().flat_map(|instance| [slot_attribute(&instance), late_slot_attribute(&instance)]);
    let item = idle.map(|name| (name, AttributeValue::N("5".to_owned()))).collect();
    let completed = (0..500).map(|number| reservation_attribute(&number.to_string())).collect();
    let mut known = Known { ledger: LedgerItem::from_item(&item), seen_at: None, completed };
    known.ledger.lacks_reservations = false;
    let instance = InstanceId::generate();
    let purchase = Purchase {
        key: &customer.key,
        instance: &instance,
        slots: SendSlots { rate: 80 },
        message: [0; 16],
        batch_size: None,
        is_scheduled: false,
    };
    let update = charge_update(&purchase, "nonce", &known, Timestamp::from_millis(START)).update;
    let condition = update.condition_expression().expect("conditions");
    println!("{} and {} bytes", condition.len(), update.update_expression().len());
    assert!(condition.len().max(update.update_expression().len()) < 1024, "DynamoDB accepts 4 KB");
}

#[tokio::test]
async fn a_large_ledger_of_an_earlier_version_becomes_small() {
    let idle = instances(300);
    let customer =
        Customer::of_earlier_version(idle.iter().map(|instance| (slot_attribute(instance), START * 1000))).await;
    let instance = InstanceId::generate();
    for second in 0..40 {
        customer.send(&instance, START + DAY + 1000 * second).await;
    }
    assert_eq!(customer.units().await, 1);
    assert!(!customer.item().await.has_slot_items, "one instance is at work");
}

#[tokio::test]
async fn slots_and_lanes_of_an_earlier_version_count_after_the_move_to_items_of_their_own() {
    let booked = |seconds: i64| (START + 1000 * seconds) * 1000;
    let others = instances(20);
    let [near, far, marked] = [InstanceId::generate(), InstanceId::generate(), InstanceId::generate()];
    let attributes = others.iter().map(|instance| (slot_attribute(instance), booked(60)));
    let own =
        [(slot_attribute(&near), booked(5)), (slot_attribute(&far), booked(300)), (bulk_attribute(&marked), START)];
    let customer = Customer::of_earlier_version(attributes.chain(own)).await;
    let old = format!("{OLD_RESERVATION}old");
    customer
        .write(&UpdateBuilder::new().set_value(&old, Reservation::value([1; 16], Timestamp::from_millis(START))))
        .await;

    for instance in &others[..4] {
        customer.send(instance, START).await;
    }
    assert!(!customer.item().await.has_slot_items, "a process of the earlier version may be at work");
    customer.ledger.release_reservation(&customer.key.account_id, &old).await.expect("an answer");
    for instance in &others[..4] {
        customer.send(instance, START).await;
    }
    assert!(customer.item().await.has_slot_items);

    let charge = customer.send(&near, START).await;
    assert_eq!((charge.slot.millis(), charge.lane), (START + 5_000, Lane::Express));
    let charge = customer.send(&near, START).await;
    assert_eq!(charge.slot.millis(), START + 5_015);
    let charge = customer.send(&far, START).await;
    assert_eq!((charge.slot.millis(), charge.lane), (START + 300_000, Lane::Bulk));
    assert_eq!(customer.send(&marked, START).await.lane, Lane::Bulk);

    let ledger = customer.item().await;
    let marks = customer.ledger.bulk_marks(&customer.key.account_id, &ledger).await.expect("an answer");
    for mark in &marks {
        customer.ledger.leave_bulk_lane(mark).await.expect("an answer");
    }
    let later = customer.send(&marked, START + 1).await;
    assert_eq!((marks.iter().filter(|mark| mark.instance == marked).count(), later.lane), (2, Lane::Express));
}

#[tokio::test]
async fn late_messages_and_charges_share_the_slots_of_an_instance() {
    let customer = Customer::of_earlier_version([(SLOT_ITEMS.to_owned(), 1)]).await;
    let instance = InstanceId::generate();
    customer.write(&UpdateBuilder::new().set(&slot_attribute(&instance), (START + 5_000) * 1000)).await;
    assert_eq!(customer.send(&instance, START).await.slot.millis(), START + 5_000);
    let late_slots = LateSlots::new(customer.ledger.accounts.clone());
    let late = async |at: i64| {
        let (account, now) = (&customer.key.account_id, Timestamp::from_millis(at));
        late_slots.book(account, (&instance, false), SendSlots { rate: 80 }, now).await.expect("a slot").millis()
    };
    assert_eq!(
        [late(START).await, late(START).await],
        [START, START + 125],
        "those that are reserved for late messages"
    );
    assert_eq!(late(START + 60_000).await, START + 60_000);
    assert_eq!(customer.send(&instance, START + 60_000).await.slot.millis(), START + 60_015);
}

#[tokio::test]
async fn a_message_without_a_slot_is_refunded() {
    let customer = Customer::of_earlier_version([(SLOT_ITEMS.to_owned(), 1)]).await;
    let instance = InstanceId::generate();
    let ahead = (slot_attribute(&instance), (START + 3_600_000) * 1000);
    customer.write(&UpdateBuilder::new().set(&ahead.0, ahead.1)).await;
    let error = customer.charge(&instance, START).await.expect_err("no slot");
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::RateLimitExceeded, Some("instanceId")));
    let ledger = customer.item().await;
    assert_eq!((ledger.credits, ledger.reservations.len()), (100_000, 0));
}

#[tokio::test]
async fn an_account_has_a_bounded_number_of_requests_in_progress() {
    let customer = Customer::open().await;
    let instance = InstanceId::generate();
    let mut charges = Vec::new();
    for _ in 0..MAX_RESERVATIONS {
        charges.push(customer.charge(&instance, START).await.expect("a charge"));
    }
    for charger in [&customer.charger, &Charger::new(customer.ledger.accounts.clone())] {
        let purchase = Purchase {
            key: &customer.key,
            instance: &instance,
            slots: SendSlots { rate: 80 },
            message: [0; 16],
            batch_size: None,
            is_scheduled: false,
        };
        let error = charger.charge(&purchase, Timestamp::from_millis(START)).await.expect_err("too many");
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::RateLimitExceeded, None));
    }
    let credits = 100_000 - i64::try_from(MAX_RESERVATIONS).expect("few");
    assert_eq!(customer.item().await.credits, credits);
    let ended = reservation_attribute(&charges[0].nonce);
    customer.ledger.release_reservation(&customer.key.account_id, &ended).await.expect("an answer");
    customer.charge(&instance, START).await.expect("a charge");
}

#[tokio::test]
async fn a_charge_that_was_not_answered_leaves_nothing_in_memory() {
    let mut customer = Customer::open().await;
    let instance = InstanceId::generate();
    customer.send(&instance, START).await;
    let name = std::mem::replace(&mut customer.charger.ledger.accounts.name, "Nowhere".to_owned());
    customer.charge(&instance, START).await.expect_err("no table");
    customer.charger.ledger.accounts.name = name;
    assert!(customer.charger.refuse_early(&customer.key, Timestamp::from_millis(START)).is_ok());
    let known = customer.charger.known(&customer.key.account_id, |known| known.ledger.clone());
    assert_eq!(known.arrival(&key_attribute(&customer.key.key_id)), 0);
    customer.send(&instance, START).await;
    let reserved = customer.item().await.reservations;
    assert_eq!((reserved.len(), reserved[0].message_id != MessageId::from_bytes([0; 16])), (1, true));
}
