//! The meter against a model of it: two processes, each with what it last saw, charge a real table in any order, and the
//! table holds what the model holds.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use dynoxide::Database;
use proptest::prelude::*;
use serde_json::json;
use shared::account::ApiKey;
use shared::ids::KeyId;
use shared::rate_limit::RateLimit;
use shared::sealed::Sealer;
use tokio::net::TcpListener;

use super::*;

/// When histories begin, in milliseconds since the epoch.
const START: i64 = 1_770_000_000_000;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// A process charges for a key and an instance, so many milliseconds later.
    Charge { process: usize, key: usize, instance: usize, later: u64 },
    /// The request of an earlier charge is done.
    Done { process: usize, charge: usize },
    /// The charge of an earlier request is given back.
    GiveBack { charge: usize },
    /// An instance has drained, and `settle` brings it back to the express lane.
    Drain { instance: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let charge = (0..2usize, 0..2usize, 0..3usize, prop_oneof![Just(0u64), 0..40u64, 0..4_000u64]);
    prop_oneof![
        6 => charge.prop_map(|(process, key, instance, later)| Step::Charge { process, key, instance, later }),
        1 => (0..2usize, any::<prop::sample::Index>()).prop_map(|(process, at)| Step::Done { process, charge: at.index(1000) }),
        1 => any::<prop::sample::Index>().prop_map(|at| Step::GiveBack { charge: at.index(1000) }),
        1 => (0..3usize).prop_map(|instance| Step::Drain { instance }),
    ]
}

/// What a meter should hold.
struct Model {
    credits: i64,
    arrivals: BTreeMap<String, i64>,
    bulk: BTreeSet<String>,
    reserved: BTreeSet<String>,
}

impl Model {
    /// The slot and the lane, or why a charge is refused.
    fn charge(&mut self, purchase: &Purchase<'_>, now: Timestamp) -> Result<(i64, Lane), &'static str> {
        let limits = [
            (meter::of_key(purchase.caller.key()), purchase.caller.limit()),
            (meter::of_instance(purchase.instance), purchase.number.slots()),
        ];
        let next: Vec<_> = limits.iter().map(|(name, limit)| limit.decide(self.arrival(name), now)).collect();
        match (next[0], next[1]) {
            (Verdict::Wait(_), _) => return Err("key"),
            _ if self.credits < 1 => return Err("credits"),
            (_, Verdict::Wait(_)) => return Err("slot"),
            (Verdict::Pass(key), Verdict::Pass(instance)) => {
                self.arrivals.extend([(limits[0].0.clone(), key), (limits[1].0.clone(), instance)]);
            }
        }
        self.credits -= 1;
        let slot = self.arrival(&limits[1].0) - limits[1].1.interval();
        let mark = meter::of_bulk(purchase.instance);
        if slot > micros(now) + 10_000_000 || self.bulk.contains(&mark) {
            self.bulk.insert(mark);
            return Ok((slot / 1000, Lane::Bulk));
        }
        Ok((slot / 1000, Lane::Express))
    }

    fn arrival(&self, name: &str) -> i64 {
        self.arrivals.get(name).copied().unwrap_or(0)
    }
}

async fn table() -> AccountTable {
    let database = Database::memory().expect("a database in memory");
    let table = json!({
        "TableName": "Accounts", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "sk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
    });
    database.create_table(serde_json::from_value(table).expect("a request")).expect("a table");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "a test"))
        .endpoint_url(url)
        .load()
        .await;
    AccountTable::new(Client::new(&config), "Accounts".to_owned())
}

fn caller(account: &AccountId, per_minute: u32) -> Caller {
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: account.clone(),
        name: "Test".to_owned(),
        scopes: Vec::new(),
        expires_at: None,
        instance_id: None,
        created_at: Timestamp::from_secs(0),
    };
    Caller::new(key, RateLimit::per_minute(per_minute))
}

fn number(rate: u32) -> Number {
    let keys = shared::master_keys::MasterKeys::parse(&"k".repeat(32).into()).expect("long enough");
    let access_token = Sealer::new(&keys).seal(&"EAAG".into(), "place");
    Number { id: "1".to_owned(), business_id: "2".to_owned(), access_token, rate, phone: None, profile_name: None }
}

async fn replay(accounts: &AccountTable, credits: i64, steps: Vec<Step>) {
    let account = AccountId::generate();
    accounts.open_meter(&account, credits).await.expect("a meter");
    let processes = [Charger::new(accounts.clone()), Charger::new(accounts.clone())];
    let callers = [caller(&account, 5), caller(&account, 600)];
    let instances = [InstanceId::generate(), InstanceId::generate(), InstanceId::generate()];
    let numbers = [number(80), number(1), number(1)];
    // The second instance is booked nearly as far ahead as it may be.
    let booked = micros(Timestamp::from_millis(START)) + 1_197_000_000;
    let ahead = Change::new().set(&meter::of_instance(&instances[1]), booked);
    accounts.change_meter(&account, &ahead).await.expect("an answer");
    let mut model = Model {
        credits,
        arrivals: BTreeMap::from([(meter::of_instance(&instances[1]), booked)]),
        bulk: BTreeSet::new(),
        reserved: BTreeSet::new(),
    };
    let (mut nonces, mut done, mut now) = (Vec::new(), BTreeSet::new(), START);
    for step in steps {
        match step {
            Step::Charge { process, key, instance, later } => {
                now += i64::try_from(later).expect("few");
                let purchase = Purchase {
                    caller: &callers[key],
                    instance: &instances[instance],
                    number: &numbers[instance],
                    message: shared::ids::random(),
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
            }
            Step::Drain { instance } => {
                let mark = meter::of_bulk(&instances[instance]);
                model.bulk.remove(&mark);
                let change = Change::new().remove(&mark).when_present("credits");
                accounts.change_meter(&account, &change).await.expect("an answer");
            }
            Step::Done { process, charge } if !nonces.is_empty() => {
                let nonce: &String = &nonces[charge % nonces.len()];
                processes[process].done(&account, nonce.clone());
                done.insert(nonce.clone());
            }
            Step::GiveBack { charge } if !nonces.is_empty() => {
                let nonce = &nonces[charge % nonces.len()];
                if !done.contains(nonce) {
                    processes[0].give_back(&account, nonce).await.expect("an answer");
                    model.credits += i64::from(model.reserved.remove(nonce));
                }
            }
            _ => {}
        }
    }
    let meter = accounts.meter(&account).await.expect("an answer").expect("a meter");
    assert_eq!(meter.credits, model.credits);
    for (name, arrival) in &model.arrivals {
        assert!(meter.arrival(name) == *arrival || (meter.arrival(name) == 0 && *arrival <= now * 1000), "{name}");
    }
    assert_eq!(meter.bulk.keys().cloned().collect::<BTreeSet<_>>(), model.bulk);
    let reserved: BTreeSet<String> = meter.reservations.into_iter().map(|reservation| reservation.nonce).collect();
    let open: BTreeSet<String> = model.reserved.difference(&done).cloned().collect();
    assert!(open.is_subset(&reserved) && reserved.is_subset(&model.reserved), "{reserved:?}, of {:?}", model.reserved);
}

fn reason(error: &ApiError) -> &'static str {
    match (error.code(), error.at_field()) {
        (ErrorCode::InsufficientCredits, None) => "credits",
        (ErrorCode::RateLimitExceeded, Some("instanceId")) => "slot",
        (ErrorCode::RateLimitExceeded, None) => "key",
        _ => panic!("{error:?}"),
    }
}

#[test]
fn whatever_two_processes_do_the_meter_holds_what_the_model_holds() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let accounts = runtime.block_on(table());
    let history = (0i64..30, prop::collection::vec(step(), 1..60));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    let result = runner.run(&history, |(credits, steps)| {
        runtime.block_on(replay(&accounts, credits, steps));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
