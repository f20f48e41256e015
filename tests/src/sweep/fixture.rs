//! The test fixture of a run: a stack with a proxy at every interface, customers, and their webhooks.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use local::dev_stack::Proxies;

use super::fault_cases;
use super::tenant::{Tenant, TenantOptions};
use crate::fault::{CallId, Fault, Injection};
use crate::proxy::Proxy;
use crate::test_stack::TestStack;
use crate::webhook_receiver::WebhookReceiver;

/// How far the second customer's number is booked ahead, so that its messages go through the bulk lane.
const BUSY: Duration = Duration::from_secs(30);

/// The phone number of the scenario's inbound message.
pub const WRITER: &str = "5511988887777";

/// A stack with its proxies and customers.
pub struct Fixture {
    /// The stack.
    pub stack: TestStack,
    /// The customers.
    pub tenants: Vec<Tenant>,
    /// Words that no log may contain, beside the secrets of the stack and of the customers.
    pub private: BTreeSet<String>,
    /// The proxy between the functions and event sources, and DynamoDB.
    pub dynamodb: Proxy,
    /// The proxy between the same and SQS.
    pub sqs: Proxy,
    /// The proxy between the functions and customers, and S3.
    pub s3: Proxy,
    /// The proxy between `deliver` and WhatsApp.
    pub whatsapp: Proxy,
    /// The proxy between `notify` and a customer's webhook.
    pub webhook: Proxy,
    /// The proxy between the customers and the API.
    pub api: Proxy,
    /// How many of the injected faults have happened.
    met: Arc<AtomicUsize>,
}

impl Fixture {
    /// Starts the stack with the scenario's customers: the main one, with two webhooks, one of which fails at first; and
    /// a second one, with a low rate limit, whose token is revoked. `program` is `CARGO_BIN_EXE_pombo-under-test`.
    pub async fn set_up(program: &str) -> Self {
        let mut fixture = Self::without_tenants(program).await;
        let stack = &fixture.stack;
        let mut late = WebhookReceiver::start().await;
        fixture.webhook.set_upstream(late.url.trim_end_matches("/webhook"));
        late.url = format!("{}/webhook", fixture.webhook.url);
        let customer = Tenant::of_the_stack(stack, late).await;
        let instances = vec![("inst_theirs".to_owned(), "2002".to_owned())];
        let options =
            TenantOptions { credits: 100, per_minute: 3, instances, keys: 1, app_secret: None, business: None };
        let mut neighbour = Tenant::open(stack, options).await;
        neighbour.add_webhook(stack, 0, WebhookReceiver::start().await, &[]).await;
        stack.book_ahead_of(&neighbour.account, &neighbour.instances[0], BUSY).await;
        let phones = ["5511999999999", "15562131000", "1555131047", WRITER];
        fixture.private.extend(phones.map(str::to_owned));
        fixture.tenants = vec![customer, neighbour];
        fixture
    }

    /// Starts the stack without a customer but its own.
    pub async fn without_tenants(program: &str) -> Self {
        let (dynamodb, sqs, whatsapp) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let (s3, webhook, api) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let proxied = Proxies {
            dynamodb: dynamodb.url.clone(),
            sqs: sqs.url.clone(),
            s3: Some(s3.url.clone()),
            whatsapp: Some(whatsapp.url.clone()),
            event_sources: true,
        };
        let stack = TestStack::start_with(program, |options| {
            options.proxies = Some(proxied);
            options.parameters.insert("InboundMedia", "keep".to_owned());
        });
        let stack = stack.await;
        let addresses = &stack.stack.addresses;
        let (tables, queues) = (&addresses.dynamodb, &addresses.sqs);
        let upstreams = [(&dynamodb, tables), (&sqs, queues), (&whatsapp, &addresses.whatsapp), (&api, &addresses.api)];
        s3.set_upstream(&addresses.s3);
        for (proxy, upstream) in upstreams {
            proxy.set_upstream(upstream);
        }
        for proxy in [&dynamodb, &sqs, &s3, &whatsapp, &webhook] {
            proxy.set_functions(&stack.stack.functions);
        }
        let (tenants, private, met) = Default::default();
        Self { stack, tenants, private, dynamodb, sqs, s3, whatsapp, webhook, api, met }
    }

    /// Restarts the numbering of calls and injects these faults.
    pub fn begin(&self, injections: &[Injection]) {
        let failing = &self.tenants[0].webhooks[1].receiver;
        failing.answer_with([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE]);
        for proxy in self.proxies() {
            proxy.reset_counts();
            let (injections, met) = (injections.to_vec(), self.met.clone());
            proxy.set_faults(move |call, attempt| {
                let meets = |injection: &&Injection| injection.call == *call && (injection.lasts || attempt == 1);
                let Some(injection) = injections.iter().find(meets) else { return Fault::None };
                if attempt == 1 {
                    met.fetch_add(1, Ordering::Relaxed);
                }
                injection.fault
            });
        }
    }

    /// Injects random faults of the network or the services into a share of all calls from now on.
    pub fn begin_at_random(&self, share: f64, seed: u64) {
        for (number, proxy) in self.proxies().into_iter().enumerate() {
            let mut random = fastrand::Rng::with_seed(seed + number as u64);
            let met = self.met.clone();
            proxy.set_faults(move |call, _| {
                let fault =
                    (random.f64() < share).then(|| fault_cases::any_but_of_the_process(call, &mut random)).flatten();
                met.fetch_add(usize::from(fault.is_some()), Ordering::Relaxed);
                fault.unwrap_or(Fault::None)
            });
        }
    }

    /// How many of the faults have happened.
    pub fn met(&self) -> usize {
        self.met.load(Ordering::Relaxed)
    }

    /// Every call so far, except repeated reads that found nothing.
    pub fn calls(&self) -> Vec<CallId> {
        let made: Vec<CallId> = self.proxies().iter().flat_map(|proxy| proxy.made()).collect();
        let mut empty = self.dynamodb.empty_reads();
        empty.extend(self.sqs.empty_reads());
        fault_cases::without_repeated_reads(&made, &empty)
    }

    /// All proxies.
    pub fn proxies(&self) -> [&Proxy; 6] {
        [&self.dynamodb, &self.sqs, &self.s3, &self.whatsapp, &self.webhook, &self.api]
    }

    /// The processes that faults have frozen.
    pub fn frozen(&self) -> Vec<u32> {
        self.proxies().iter().flat_map(|proxy| proxy.frozen()).collect()
    }

    /// Whether a process of this function is frozen.
    pub fn is_frozen(&self, function: &str) -> bool {
        let pids = self.stack.stack.functions[function].pids();
        self.frozen().iter().any(|pid| pids.borrow().contains(pid))
    }

    /// Resumes the frozen processes.
    pub fn resume(&self) {
        for proxy in self.proxies() {
            proxy.resume();
        }
    }
}
