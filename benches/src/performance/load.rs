//! A stack whose customer has no effective limits, so that the stack is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use local::dev_stack::Proxies;
use secrecy::ExposeSecret;
use serde_json::json;
use shared::account::{Account, Plan};
use shared::aws::ItemKey;
use shared::clock;
use shared::ids::MessageId;
use shared::instance::{Instance, Number, NumberOwner};
use shared::whatsapp::HIGH_RATE;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::Proxy;
use tests::test_stack::TestStack;

use crate::cost::assumptions::{AWS_CALL, WHATSAPP_CALL};
use crate::cost::wire::Wire;
use crate::percentiles::Percentiles;
use crate::performance::arrivals::{arrive, poisson};
use crate::progress::wait;

/// A number that Meta has upgraded, to the simulator (docs/simulator.md).
const HIGH_NUMBER: &str = "1000000000000";
/// Requests a minute, more than any machine makes.
const NO_LIMIT: u32 = 10_000_000;

/// The stack, and how many messages it was sent.
pub struct Load {
    /// The stack.
    pub stack: Arc<TestStack>,
    sent: AtomicUsize,
    /// Webhooks besides those of these messages.
    besides: AtomicUsize,
    /// What delays the functions' calls.
    _wires: Vec<Wire>,
}

/// An accepted message.
pub struct Accepted {
    /// Its id.
    pub id: MessageId,
    /// From its arrival to its 202.
    pub took: Duration,
}

impl Load {
    /// Starts it; its number accepts 1,000 messages a second.
    pub async fn start(program: &str) -> Arc<Self> {
        let stack = TestStack::start(program).await;
        lift_limits(&stack).await;
        Self::of(stack, Vec::new())
    }

    /// The same with proxies before DynamoDB, SQS and WhatsApp.
    pub async fn start_between(program: &str) -> (Arc<Self>, [Proxy; 3]) {
        let ProxiedStack { stack, dynamodb, sqs, whatsapp, .. } = ProxiedStack::start(program).await;
        lift_limits(&stack).await;
        (Self::of(stack, Vec::new()), [dynamodb, sqs, whatsapp])
    }

    /// Starts it with the limits of a standard number and the Pro plan. AWS and WhatsApp answer as late as they do in reality.
    pub async fn start_distant(program: &str) -> Arc<Self> {
        let [dynamodb, sqs] = [Wire::start(AWS_CALL).await, Wire::start(AWS_CALL).await];
        let whatsapp = Wire::start(WHATSAPP_CALL).await;
        let proxies = Proxies {
            dynamodb: dynamodb.url.clone(),
            sqs: sqs.url.clone(),
            s3: None,
            whatsapp: Some(whatsapp.url.clone()),
            event_sources: false,
        };
        let stack = TestStack::start_with(program, |options| options.proxies = Some(proxies)).await;
        let addresses = &stack.stack.addresses;
        dynamodb.lead_to(&addresses.dynamodb);
        sqs.lead_to(&addresses.sqs);
        whatsapp.lead_to(&addresses.whatsapp);
        Self::of(stack, vec![dynamodb, sqs, whatsapp])
    }

    fn of(stack: TestStack, wires: Vec<Wire>) -> Arc<Self> {
        let [sent, besides] = [AtomicUsize::new(0), AtomicUsize::new(0)];
        Arc::new(Self { stack: Arc::new(stack), sent, besides, _wires: wires })
    }

    /// Counts webhooks that do not come of its messages.
    pub fn tells_besides(&self, webhooks: usize) {
        self.besides.fetch_add(webhooks, Ordering::Relaxed);
    }

    /// Sends a text to another phone each time.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn send(&self, arrived: Instant) -> Accepted {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let to = format!("55119{number:08}");
        self.send_as(
            self.stack.customer.api_key.expose_secret(),
            self.stack.customer.instance_id.as_str(),
            &to,
            arrived,
        )
        .await
    }

    /// The same with any key and instance.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn send_as(&self, key: &str, instance: &str, to: &str, arrived: Instant) -> Accepted {
        let body = json!({ "instanceId": instance, "to": to, "message": "Your order has left the house." });
        let (status, answer) = self.stack.call_as(key, "POST /v1/messages/send", body).await;
        assert_eq!(status, 202, "{answer}");
        let id = answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        Accepted { id, took: arrived.elapsed() }
    }

    /// Sends messages by the open model.
    pub async fn send_at(self: &Arc<Self>, rate: u64, messages: usize) -> Vec<Accepted> {
        let load = self.clone();
        arrive(poisson(rate as f64, messages), move |_, arrived| {
            let load = load.clone();
            async move { load.send(arrived).await }
        })
        .await
    }

    /// Waits until the three webhooks of every message were called.
    pub async fn wait_until_told(&self) {
        let all = 3 * self.sent.load(Ordering::Relaxed) + self.besides.load(Ordering::Relaxed);
        wait("webhooks", all, || async { self.stack.webhook.count() }).await;
    }

    /// Waits until WhatsApp's answer to each of these is in its record.
    pub async fn wait_until_sent(&self, messages: &[Accepted]) {
        for message in messages {
            let sent = || async { usize::from(self.stack.record(&message.id).await.sent_at.is_some()) };
            wait("messages sent", 1, sent).await;
        }
    }

    /// From acceptance to `sent`, by the records.
    pub async fn queued_to_sent(&self, messages: &[Accepted]) -> Percentiles {
        let mut taken = Vec::new();
        for message in messages {
            let record = self.stack.record(&message.id).await;
            taken.push(record.created_at.until(record.sent_at.expect("it was sent")));
        }
        Percentiles::of(taken)
    }
}

async fn lift_limits(stack: &TestStack) {
    let (accounts, customer) = (&stack.accounts, &stack.customer);
    let account = Account {
        requests_per_minute: Some(NO_LIMIT),
        ..Account::new(customer.account_id.clone(), "Load".to_owned(), Plan::Enterprise, clock::now())
    };
    accounts.put_account(&account).await.expect("the table takes it");
    let owner = NumberOwner {
        account_id: customer.account_id.clone(),
        instance_id: customer.instance_id.clone(),
        app_secret: None,
        business_id: None,
        last_callback_at: None,
        last_refusal_at: None,
        callbacks_since: None,
    };
    accounts.put(ItemKey::number(HIGH_NUMBER), &owner).await.expect("the table takes it");
    let instance = stack.instance().await;
    let number = instance.number.clone();
    let number = number.map(|number| Number { id: HIGH_NUMBER.to_owned(), rate: HIGH_RATE, ..number });
    accounts.put_instance(&Instance { number, ..instance }).await.expect("the table takes it");
}
