//! Where the scenario is played: a stack with a proxy at each of its seams, two customers, and their webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use local::stack::InBetween;

use super::cases;
use super::tenant::Tenant;
use crate::fault::{CallId, Fault, Injection};
use crate::proxy::Proxy;
use crate::receiver::Receiver;
use crate::test_stack::TestStack;

/// How far the neighbour's number is booked ahead: his messages go through the bulk lane.
const BUSY: Duration = Duration::from_secs(30);

/// A stage.
pub struct Stage {
    /// The stack.
    pub stack: TestStack,
    /// The customer that nearly everything is about, with two webhooks, one of which fails at first.
    pub customer: Tenant,
    /// Another one, with a small limit, whose token dies.
    pub neighbour: Tenant,
    /// Between the functions and the event sources, and DynamoDB.
    pub dynamodb: Proxy,
    /// Between the same and SQS.
    pub sqs: Proxy,
    /// Between `deliver` and WhatsApp.
    pub whatsapp: Proxy,
    /// Between `notify` and the customer's second webhook.
    pub webhook: Proxy,
    /// Between the customers and the API.
    pub api: Proxy,
    /// How many of the faults that were asked for have happened.
    met: Arc<AtomicUsize>,
}

impl Stage {
    /// Sets it up. `program` is the stack's.
    pub async fn set_up(program: &str) -> Self {
        let (dynamodb, sqs, whatsapp) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let (webhook, api) = (Proxy::start().await, Proxy::start().await);
        let between = InBetween {
            dynamodb: dynamodb.url.clone(),
            sqs: sqs.url.clone(),
            whatsapp: Some(whatsapp.url.clone()),
            sources: true,
        };
        let stack = TestStack::start_with(program, |options| options.in_between = Some(between)).await;
        let addresses = &stack.stack.addresses;
        let (tables, queues) = (&addresses.dynamodb, &addresses.sqs);
        let upstreams = [(&dynamodb, tables), (&sqs, queues), (&whatsapp, &addresses.whatsapp), (&api, &addresses.api)];
        for (proxy, upstream) in upstreams {
            proxy.set_upstream(upstream);
        }
        for proxy in [&dynamodb, &sqs, &whatsapp, &webhook] {
            proxy.set_functions(&stack.stack.functions);
        }
        let mut late = Receiver::start().await;
        webhook.set_upstream(late.url.trim_end_matches("/webhook"));
        late.url = format!("{}/webhook", webhook.url);
        let customer = Tenant::first(&stack, late).await;
        let neighbour = Tenant::second(&stack).await;
        stack.book_ahead_of(&neighbour.account, &neighbour.instance, BUSY).await;
        Self { stack, customer, neighbour, dynamodb, sqs, whatsapp, webhook, api, met: Arc::default() }
    }

    /// Counts calls from 1 again and has these faults happen.
    pub fn begin(&self, injections: &[Injection]) {
        self.customer.webhooks[0].answer_with([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE]);
        for proxy in self.proxies() {
            proxy.count_anew();
            let (injections, met) = (injections.to_vec(), self.met.clone());
            proxy.decide(move |call, attempt| {
                let meets = |injection: &&Injection| injection.call == *call && (injection.lasts || attempt == 1);
                let Some(injection) = injections.iter().find(meets) else { return Fault::None };
                if attempt == 1 {
                    met.fetch_add(1, Ordering::Relaxed);
                }
                injection.fault
            });
        }
    }

    /// From now on has a share of all calls meet a fault of the network or the service, at random.
    pub fn begin_at_random(&self, share: f64, seed: u64) {
        for (number, proxy) in self.proxies().into_iter().enumerate() {
            let mut random = fastrand::Rng::with_seed(seed + number as u64);
            let met = self.met.clone();
            proxy.decide(move |call, _| {
                let fault = (random.f64() < share).then(|| cases::any_but_of_the_process(call, &mut random)).flatten();
                met.fetch_add(usize::from(fault.is_some()), Ordering::Relaxed);
                fault.unwrap_or(Fault::None)
            });
        }
    }

    /// How many of the faults have happened.
    pub fn met(&self) -> usize {
        self.met.load(Ordering::Relaxed)
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<CallId> {
        self.proxies().iter().flat_map(|proxy| proxy.made()).collect()
    }

    /// All proxies.
    pub fn proxies(&self) -> [&Proxy; 5] {
        [&self.dynamodb, &self.sqs, &self.whatsapp, &self.webhook, &self.api]
    }

    /// Both customers.
    pub fn tenants(&self) -> [&Tenant; 2] {
        [&self.customer, &self.neighbour]
    }

    /// The webhooks of each customer.
    pub fn webhooks(&self) -> [Vec<&Receiver>; 2] {
        let own = std::iter::once(&self.stack.webhook);
        [own.chain(&self.customer.webhooks).collect(), self.neighbour.webhooks.iter().collect()]
    }

    /// The processes that faults have stopped.
    pub fn frozen(&self) -> Vec<u32> {
        self.proxies().iter().flat_map(|proxy| proxy.frozen()).collect()
    }

    /// Whether one of this function's is among them.
    pub fn is_frozen(&self, function: &str) -> bool {
        let pids = self.stack.stack.functions[function].pids();
        self.frozen().iter().any(|pid| pids.borrow().contains(pid))
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        for proxy in self.proxies() {
            proxy.thaw();
        }
    }
}
