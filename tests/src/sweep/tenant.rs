//! A customer of a run: an account with its keys, instances and webhooks.

use std::sync::Arc;

use local::dev_stack::seed;
use secrecy::{ExposeSecret, SecretString};
use shared::account::{Account, Plan, Scope};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::batch::events::COMPLETED;
use shared::clock;
use shared::ids::{AccountId, InstanceId, WebhookId};
use shared::instance::NumberOwner;
use shared::ledger::Ledger;

use crate::test_stack::TestStack;
use crate::webhook_receiver::WebhookReceiver;

/// What a customer is given.
pub struct TenantOptions {
    /// Its credits.
    pub credits: i64,
    /// Requests a minute of each of its keys.
    pub per_minute: u32,
    /// The ids of its instances, and WhatsApp's ids of their numbers.
    pub instances: Vec<(String, String)>,
    /// How many keys it has.
    pub keys: usize,
    /// The secret of its own Meta app, if its numbers belong to one.
    pub app_secret: Option<SecretString>,
    /// WhatsApp's id of the business account that its numbers are listed under, if callbacks name it.
    pub business: Option<String>,
}

/// A customer.
pub struct Tenant {
    /// The account.
    pub account: AccountId,
    /// Its instances.
    pub instances: Vec<InstanceId>,
    /// Its keys.
    pub keys: Vec<String>,
    /// Its webhooks.
    pub webhooks: Vec<TenantWebhook>,
    /// The credits that it was granted.
    pub granted: i64,
    /// Requests a minute of each of its keys, if that matters here.
    pub per_minute: Option<u32>,
}

/// A webhook of a customer.
pub struct TenantWebhook {
    /// Its id.
    pub id: WebhookId,
    /// The instance whose events it receives.
    pub instance: InstanceId,
    /// The names of the events of no message that it receives.
    pub others: Vec<String>,
    /// Its endpoint.
    pub receiver: Arc<WebhookReceiver>,
}

impl Tenant {
    /// The stack's own customer, with the stack's webhook and another one.
    ///
    /// # Panics
    /// When a write or a call fails.
    pub async fn of_the_stack(stack: &TestStack, other: WebhookReceiver) -> Self {
        let (account, instance) = (stack.customer.account_id.clone(), stack.customer.instance_id.clone());
        let first = stack.accounts.webhooks(&account).await.expect("the table answers").remove(0).id;
        let second = stack.register_for_more(&account, &instance, &other, &[COMPLETED]).await;
        let webhook = |id, others: &[&str], receiver| {
            let others = others.iter().map(ToString::to_string).collect();
            TenantWebhook { id, instance: instance.clone(), others, receiver }
        };
        Self {
            webhooks: vec![webhook(first, &[], stack.webhook.clone()), webhook(second, &[COMPLETED], Arc::new(other))],
            instances: vec![instance],
            keys: vec![stack.customer.api_key.expose_secret().to_owned()],
            granted: stack.ledger(&account).await.credits,
            per_minute: None,
            account,
        }
    }

    /// Opens an account whose instances are connected.
    ///
    /// # Panics
    /// When a write fails.
    pub async fn open(stack: &TestStack, options: TenantOptions) -> Self {
        let account = AccountId::generate();
        let opened = Account {
            requests_per_minute: Some(options.per_minute),
            ..Account::new(account.clone(), "Tenant".to_owned(), Plan::Enterprise, clock::now())
        };
        stack.accounts.put_account(&opened).await.expect("an account");
        Ledger::new(stack.accounts.clone()).open(&account, options.credits).await.expect("a ledger");
        let (mut instances, mut keys) = (Vec::new(), Vec::new());
        for (id, number) in options.instances.clone() {
            instances.push(connected_instance(stack, &account, (&id, &number), &options).await);
        }
        for key in 0..options.keys {
            keys.push(stack.named_key(Self::key_name(key), &account, Scope::ALL, None).await);
        }
        let (granted, per_minute) = (options.credits, Some(options.per_minute));
        Self { account, instances, keys, webhooks: Vec::new(), granted, per_minute }
    }

    /// The name of a key.
    pub fn key_name(key: usize) -> String {
        format!("Key {key}")
    }

    /// Adds a webhook of one of the instances, for every event of a message and these ones.
    pub async fn add_webhook(
        &mut self,
        stack: &TestStack,
        instance: usize,
        receiver: WebhookReceiver,
        others: &[&str],
    ) {
        let instance = self.instances[instance].clone();
        let id = stack.register_for_more(&self.account, &instance, &receiver, others).await;
        let others = others.iter().map(ToString::to_string).collect();
        self.webhooks.push(TenantWebhook { id, instance, others, receiver: Arc::new(receiver) });
    }
}

async fn connected_instance(
    stack: &TestStack,
    account: &AccountId,
    (id, number): (&str, &str),
    TenantOptions { app_secret, business, .. }: &TenantOptions,
) -> InstanceId {
    stack.copy_instance_to(account, id).await;
    let id: InstanceId = id.parse().expect("an id");
    let mut copy = stack.accounts.instance(account, &id).await.expect("the table answers").expect("a copy");
    let copied = copy.number.as_mut().expect("a number");
    copied.id = number.to_owned();
    if let Some(business) = business {
        copied.business_id.clone_from(business);
        let listing = UpdateBuilder::new().set("numberId", number);
        let entry = ItemKey::business_number(business, number);
        stack.accounts.update(entry, &listing).await.expect("the table takes it");
    }
    stack.accounts.put_instance(&copy).await.expect("the table takes it");
    let aad = NumberOwner::app_secret_aad(number);
    let cipher = seed::secret_cipher(&stack.stack).expect("the stack's keys");
    let owner = NumberOwner {
        account_id: account.clone(),
        instance_id: id.clone(),
        app_secret: app_secret.as_ref().map(|secret| cipher.encrypt(secret, &aad)),
        business_id: business.clone(),
        last_callback_at: None,
        last_refusal_at: None,
        callbacks_since: None,
    };
    stack.accounts.put(ItemKey::number(number), &owner).await.expect("the table takes it");
    id
}
