//! A customer of the scenario: an account, a key, a number, webhooks.

use secrecy::ExposeSecret;
use serde_json::json;
use shared::account::{Account, Plan, Scope};
use shared::aws::ItemKey;
use shared::clock;
use shared::ids::{AccountId, InstanceId};
use shared::instance::NumberOwner;
use shared::ledger::Ledger;

use crate::test_stack::TestStack;
use crate::webhook_receiver::WebhookReceiver;

/// WhatsApp's id of the second customer's number.
const NEIGHBOURS_NUMBER: &str = "2002";
/// The second customer's requests a minute.
const NEIGHBOURS_LIMIT: u32 = 3;
/// The credits that the second customer is granted.
const NEIGHBOURS_CREDITS: i64 = 100;

/// A customer.
pub struct Tenant {
    /// The account.
    pub account: AccountId,
    /// Its number.
    pub instance: InstanceId,
    /// Its key.
    pub key: String,
    /// Its webhooks, without the one of the stack.
    pub webhooks: Vec<WebhookReceiver>,
    /// The credits that it was granted.
    pub granted: i64,
    /// Requests a minute, if that matters here.
    pub per_minute: Option<u32>,
}

impl Tenant {
    /// The stack's customer, with a webhook beside the one of the stack.
    pub async fn first(stack: &TestStack, late: WebhookReceiver) -> Self {
        stack.register(&late).await;
        Self {
            account: stack.customer.account_id.clone(),
            instance: stack.customer.instance_id.clone(),
            key: stack.customer.api_key.expose_secret().to_owned(),
            webhooks: vec![late],
            granted: stack.ledger(&stack.customer.account_id).await.credits,
            per_minute: None,
        }
    }

    /// Another customer, with its own number.
    ///
    /// # Panics
    /// When a write or a call fails.
    pub async fn second(stack: &TestStack) -> Self {
        let account = AccountId::generate();
        let (requests_per_minute, name) = (Some(NEIGHBOURS_LIMIT), "Neighbour".to_owned());
        let opened = Account {
            id: account.clone(),
            name,
            plan: Plan::Enterprise,
            requests_per_minute,
            trust_own_app: false,
            created_at: clock::now(),
        };
        stack.accounts.put_account(&opened).await.expect("an account");
        Ledger::new(stack.accounts.clone()).open(&account, NEIGHBOURS_CREDITS).await.expect("a ledger");
        stack.copy_instance_to(&account, "inst_theirs").await;
        let instance: InstanceId = "inst_theirs".parse().expect("an id");
        let mut copy = stack.accounts.instance(&account, &instance).await.expect("the table answers").expect("a copy");
        copy.number.as_mut().expect("a number").id = NEIGHBOURS_NUMBER.to_owned();
        stack.accounts.put_instance(&copy).await.expect("the table takes it");
        let owner = NumberOwner {
            account_id: account.clone(),
            instance_id: instance.clone(),
            app_secret: None,
            last_callback_at: None,
        };
        stack.accounts.put(ItemKey::number(NEIGHBOURS_NUMBER), &owner).await.expect("the table takes it");
        let key = stack.key(&account, Scope::ALL, None).await;
        let webhook = WebhookReceiver::start().await;
        let body = json!({ "url": webhook.url, "instanceId": instance, "secret": webhook.secret.expose_secret(),
            "events": ["message.sent", "message.delivered", "message.read", "message.failed", "message.received"] });
        let (status, answer) = stack.call_as(&key, "POST /v1/webhooks", body).await;
        assert_eq!(status, 201, "{answer}");
        let (granted, per_minute) = (NEIGHBOURS_CREDITS, Some(NEIGHBOURS_LIMIT));
        Self { account, instance, key, webhooks: vec![webhook], granted, per_minute }
    }
}
