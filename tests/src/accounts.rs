//! Accounts, keys and instances of a test, written directly to the tables.

use std::time::Duration;

use local::dev_stack::seed;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Account, ApiKey, Plan, Scope, api_key};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, InstanceId, KeyId};
use shared::instance::{Instance, Number, Pause};
use shared::ledger::ledger_item::{SLOT_ITEMS, slot_attribute};
use shared::ledger::rate_limit::micros;
use shared::ledger::{Ledger, LedgerItem};

use crate::test_stack::TestStack;
use crate::wait::eventually;

impl TestStack {
    /// Opens an account with a ledger.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn open_account(&self, plan: Plan, credits: i64) -> AccountId {
        let id = AccountId::generate();
        let account = Account::new(id.clone(), "Another".to_owned(), plan, clock::now());
        self.accounts.put_account(&account).await.expect("an account");
        Ledger::new(self.accounts.clone()).open(&id, credits).await.expect("a ledger");
        id
    }

    /// Makes a key to an account.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn key(&self, account: &AccountId, scopes: &[Scope], expires_at: Option<Timestamp>) -> String {
        self.named_key("Test".to_owned(), account, scopes, expires_at).await
    }

    /// Makes a key with a name to an account.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn named_key(
        &self,
        name: String,
        account: &AccountId,
        scopes: &[Scope],
        expires_at: Option<Timestamp>,
    ) -> String {
        let (secret, hash) = api_key::generate();
        let key = ApiKey {
            id: KeyId::generate(),
            account_id: account.clone(),
            name,
            scopes: scopes.to_vec(),
            expires_at,
            instance_id: None,
            created_by: None,
            created_at: clock::now(),
        };
        self.accounts.put_api_key(&hash, &key).await.expect("a key");
        secret.expose_secret().to_owned()
    }

    /// An account's ledger.
    ///
    /// # Panics
    /// When it has none.
    pub async fn ledger(&self, account: &AccountId) -> LedgerItem {
        let ledger = Ledger::new(self.accounts.clone()).read(account).await;
        ledger.expect("the table answers").expect("a ledger")
    }

    /// Gives an account an instance that sends from the same number as the customer's.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn copy_instance_to(&self, account: &AccountId, id: &str) {
        let id: InstanceId = id.parse().expect("an id");
        let aad = Instance::token_aad(account, &id);
        let access_token =
            seed::secret_cipher(&self.stack).expect("the stack's keys").encrypt(&"EAAG-of-the-simulator".into(), &aad);
        let own = self.accounts.instance(&self.customer.account_id, &self.customer.instance_id).await;
        let own = own.expect("the table answers").expect("the customer's instance");
        let number = own.number.clone().map(|number| Number { access_token, ..number });
        let copy = Instance { id, account_id: account.clone(), number, ..own };
        self.accounts.put_instance(&copy).await.expect("an instance");
    }

    /// Stores a token of the customer's instance that WhatsApp refuses, as one becomes that expires.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn expire_token(&self) {
        let instance = self.instance().await;
        let aad = Instance::token_aad(&instance.account_id, &instance.id);
        let cipher = seed::secret_cipher(&self.stack).expect("the stack's keys");
        let access_token = cipher.encrypt(&"EAAG-expired".into(), &aad);
        let number = instance.number.clone().map(|number| Number { access_token, ..number });
        self.accounts.put_instance(&Instance { number, ..instance }).await.expect("an instance");
    }

    /// The customer's instance.
    ///
    /// # Panics
    /// When it was deleted.
    pub async fn instance(&self) -> Instance {
        let instance = self.accounts.instance(&self.customer.account_id, &self.customer.instance_id).await;
        instance.expect("the table answers").expect("the customer's instance")
    }

    /// Pauses the customer's instance, as `deliver` does when WhatsApp asks for less.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn pause_instance(&self, until: Timestamp) {
        let pause = Pause { until, reason: None, code: Some(130_429) };
        self.accounts.pause(&self.instance().await, pause).await.expect("the table takes it");
    }

    /// Books the customer's instance ahead, as many charges would.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn book_ahead(&self, time: Duration) {
        self.book_ahead_of(&self.customer.account_id, &self.customer.instance_id, time).await;
    }

    /// Books any instance ahead.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn book_ahead_of(&self, account: &AccountId, instance: &InstanceId, time: Duration) {
        let ahead = UpdateBuilder::new().set(&slot_attribute(instance), micros(self.now().plus(time)));
        self.accounts.update(ItemKey::ledger(account), &ahead).await.expect("the table takes it");
    }

    /// Lets the customer's slots be booked in items of their own, as those of an account with many instances are.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn move_slots(&self) {
        let update = UpdateBuilder::new().set(SLOT_ITEMS, true);
        let ledger = ItemKey::ledger(&self.customer.account_id);
        self.accounts.update(ledger, &update).await.expect("the table takes it");
    }

    /// Records that a callback of the customer's number was stored now; otherwise `settle` fails no unknown outcome of
    /// the number.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn note_callback_now(&self) {
        let number = self.instance().await.number.expect("a number");
        self.accounts.note_callback(&number.id, self.now()).await.expect("the table takes it");
    }

    /// Makes another customer with its own number, and returns its API key. Its instance is `inst_theirs`.
    ///
    /// # Panics
    /// When a write fails.
    pub async fn neighbour(&self) -> String {
        let account = self.open_account(Plan::Pro, 100_000).await;
        self.copy_instance_to(&account, "inst_theirs").await;
        let id: InstanceId = "inst_theirs".parse().expect("an id");
        let mut instance = self.accounts.instance(&account, &id).await.expect("the table answers").expect("a copy");
        instance.number.as_mut().expect("a number").id = "2002".to_owned();
        self.accounts.put_instance(&instance).await.expect("the table takes it");
        self.key(&account, Scope::ALL, None).await
    }

    /// Sends a text of the other customer and waits until it has been read.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn neighbour_sends(&self, key: &str, to: &str) {
        self.neighbour_sends_from(key, "inst_theirs", to).await;
    }

    /// The same from any instance.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn neighbour_sends_from(&self, key: &str, instance: &str, to: &str) {
        let body = json!({ "instanceId": instance, "to": to, "message": "hi" });
        let (status, answer) = self.call_as(key, "POST /v1/messages/send", body).await;
        assert_eq!(status, 202, "{answer}");
        let path = format!("GET /v1/messages/{}/status", answer["messageId"].as_str().expect("an id"));
        let ask = || async {
            Some(self.call_as(key, &path, Value::Null).await.1).filter(|it| it["data"]["status"] == "read")
        };
        eventually("the other customer's message to be read", ask).await;
    }
}
