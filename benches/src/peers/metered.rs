//! A stack with one variant's `send` and `deliver`, each with its own meters, and servers with the latencies of AWS and
//! WhatsApp.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use local::lambda::Function;
use tests::process::peak_memory;
use tests::proxy::Proxy;
use tests::test_stack::TestStack;

use super::kernel::{cpu_time, memory};
use super::meter::Meter;
use super::variant::Variant;
use super::whole::Usage;
use crate::cost::assumptions::{AWS_CALL, WHATSAPP_CALL};
use crate::cost::units::For;
use crate::cost::wire::Wire;

/// The table in which Powertools stores Idempotency-Keys.
pub const IDEMPOTENCY_TABLE: &str = "Idempotency";
/// The value of the secrets `MasterKeys` and `CallbackKeys`, which the peers do not read from Secrets Manager.
const KEYS: &str = "keys-of-a-measurement-of-64-characters-in-all-0123456789-abcdefg";
/// The functions that are measured.
pub const MEASURED: [&str; 2] = ["send", "deliver"];

/// The stack.
pub struct Metered {
    /// The stack itself.
    pub stack: TestStack,
    exits: BTreeMap<&'static str, Exits>,
    _whatsapp: Wire,
}

/// The meters of a function's calls to DynamoDB and SQS.
struct Exits {
    wires: [Wire; 2],
    proxies: [Proxy; 2],
    meters: [Arc<Meter>; 2],
}

/// The usage of a function so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Events that it received.
    pub invocations: usize,
    /// The total duration of its invocations.
    pub busy: Duration,
    /// Processor time of its processes.
    pub cpu: Duration,
    /// The peak memory of any of its processes, in kilobytes.
    pub memory: u64,
    /// Processes.
    pub processes: usize,
    /// Calls of AWS.
    pub calls: usize,
    /// The time that the servers and the network took for them.
    pub waited: Duration,
    /// DynamoDB's units.
    pub written: f64,
    /// Those of the table of Idempotency-Keys, which are among them.
    pub written_for_idempotency: f64,
    /// DynamoDB's read units.
    pub read: f64,
}

impl Metered {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(program: &str, variant: Variant) -> Self {
        let whatsapp = Wire::start(WHATSAPP_CALL).await;
        let mut exits = BTreeMap::new();
        for function in MEASURED {
            exits.insert(function, Exits::open().await);
        }
        let stack = TestStack::start_with(program, |options| {
            options.secrets = ["MasterKeys", "CallbackKeys"].map(|name| (name.to_owned(), KEYS.to_owned())).into();
            for (function, exits) in &exits {
                let variables = exits.variables(&whatsapp);
                options.function_overrides.insert((*function).to_owned(), variant.stand_in(function, variables));
            }
        })
        .await;
        whatsapp.lead_to(&stack.stack.addresses.whatsapp);
        for exits in exits.values() {
            exits.proxies[0].set_upstream(&stack.stack.addresses.dynamodb);
            exits.proxies[1].set_upstream(&stack.stack.addresses.sqs);
        }
        let metered = Self { stack, exits, _whatsapp: whatsapp };
        if variant != Variant::Pombo {
            metered.create_idempotency_table().await;
        }
        metered
    }

    /// One of the two functions.
    pub fn function(&self, name: &str) -> &Function {
        &self.stack.stack.functions[name]
    }

    /// Reads the usage of a function.
    pub fn used(&self, name: &str) -> Used {
        let function = self.function(name);
        let pids = function.pids().borrow().clone();
        let [tables, queues] = &self.exits[name].meters;
        let calls = tables.calls() + queues.calls();
        let mut used = Used {
            invocations: function.invocations(),
            busy: function.total_duration(),
            cpu: pids.iter().map(|pid| cpu_time(*pid)).sum(),
            memory: pids.iter().map(|pid| peak_memory(*pid)).max().unwrap_or_default(),
            processes: pids.len(),
            calls,
            waited: tables.served() + queues.served() + AWS_CALL * u32::try_from(calls).unwrap_or(u32::MAX),
            ..Used::default()
        };
        for ((_, table, purpose), units) in tables.consumed() {
            if purpose == For::Read {
                used.read += units;
            } else {
                used.written += units;
                used.written_for_idempotency += if table == IDEMPOTENCY_TABLE { units } else { 0.0 };
            }
        }
        used
    }

    /// Reads the usage of all functions together.
    pub fn used_by_all(&self) -> Usage {
        let functions = self.stack.stack.functions.values();
        let pids: Vec<u32> = functions.flat_map(|function| function.pids().borrow().clone()).collect();
        Usage { cpu: pids.iter().map(|pid| cpu_time(*pid)).sum(), memory: memory(pids) }
    }

    async fn create_idempotency_table(&self) {
        let key = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build();
        let hash = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build();
        let request = self.stack.stack.clients.dynamodb.create_table().table_name(IDEMPOTENCY_TABLE);
        let request = request.attribute_definitions(key.expect("a key")).key_schema(hash.expect("a key"));
        request.billing_mode(BillingMode::PayPerRequest).send().await.expect("a table");
    }
}

impl Exits {
    async fn open() -> Self {
        let meters = [Arc::new(Meter::of_tables()), Arc::new(Meter::of_queues())];
        let (proxies, wires) = ([Proxy::start().await, Proxy::start().await], [wire().await, wire().await]);
        for ((wire, proxy), meter) in wires.iter().zip(&proxies).zip(&meters) {
            wire.lead_to(&proxy.url);
            proxy.listen(meter.clone());
        }
        Self { wires, proxies, meters }
    }

    fn variables(&self, whatsapp: &Wire) -> BTreeMap<String, String> {
        let [tables, queues] = &self.wires;
        let variables = [
            ("AWS_ENDPOINT_URL_DYNAMODB", tables.url.as_str()),
            ("AWS_ENDPOINT_URL_SQS", &queues.url),
            ("WHATSAPP_URL", &whatsapp.url),
            ("IDEMPOTENCY_TABLE", IDEMPOTENCY_TABLE),
            ("KEYS", KEYS),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}

async fn wire() -> Wire {
    Wire::start(AWS_CALL).await
}
