//! Accounts, keys and instances of a test's own, put into the tables as they are.

use std::time::Duration;

use local::seed;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Account, ApiKey, Plan, Scope};
use shared::api_key;
use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, InstanceId, KeyId};
use shared::instance::{Instance, Number};
use shared::meter::{self, Meter};
use shared::rate_limit::micros;

use crate::test_stack::TestStack;
use crate::wait::eventually;

impl TestStack {
    /// Makes an account with a meter.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn open_account(&self, plan: Plan, credits: i64) -> AccountId {
        let id = AccountId::generate();
        let name = "Another".to_owned();
        let account = Account { id: id.clone(), name, plan, requests_per_minute: None, created_at: clock::now() };
        self.accounts.put_account(&account).await.expect("an account");
        self.accounts.open_meter(&id, credits).await.expect("a meter");
        id
    }

    /// Makes a key to an account.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn key(&self, account: &AccountId, scopes: &[Scope], expires_at: Option<Timestamp>) -> String {
        let (secret, hash) = api_key::generate();
        let key = ApiKey {
            id: KeyId::generate(),
            account_id: account.clone(),
            name: "Test".to_owned(),
            scopes: scopes.to_vec(),
            expires_at,
            instance_id: None,
            created_at: clock::now(),
        };
        self.accounts.put_key(&hash, &key).await.expect("a key");
        secret.expose_secret().to_owned()
    }

    /// An account's meter.
    ///
    /// # Panics
    /// When it has none.
    pub async fn meter(&self, account: &AccountId) -> Meter {
        self.accounts.meter(account).await.expect("the table answers").expect("a meter")
    }

    /// Gives an account an instance that sends from the same number as the customer's.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn copy_instance_to(&self, account: &AccountId, id: &str) {
        let id: InstanceId = id.parse().expect("an id");
        let place = Instance::token_place(account, &id);
        let access_token =
            seed::sealer(&self.stack).expect("the stack's keys").seal(&"EAAG-of-the-simulator".into(), &place);
        let own = self.accounts.instance(&self.customer.account_id, &self.customer.instance_id).await;
        let own = own.expect("the table answers").expect("the customer's instance");
        let number = own.number.clone().map(|number| Number { access_token, ..number });
        let copy = Instance { id, account_id: account.clone(), number, ..own };
        self.accounts.put_instance(&copy).await.expect("an instance");
    }

    /// The customer's instance.
    ///
    /// # Panics
    /// When it is gone.
    pub async fn instance(&self) -> Instance {
        let instance = self.accounts.instance(&self.customer.account_id, &self.customer.instance_id).await;
        instance.expect("the table answers").expect("the customer's instance")
    }

    /// Books the customer's instance ahead, as many charges would.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn book_ahead(&self, time: Duration) {
        self.book_ahead_of(&self.customer.account_id, &self.customer.instance_id, time).await;
    }

    /// Books any instance ahead.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn book_ahead_of(&self, account: &AccountId, instance: &InstanceId, time: Duration) {
        let change = Change::new().set(&meter::of_instance(instance), micros(self.now().plus(time)));
        self.accounts.change_meter(account, &change).await.expect("the table takes it");
    }

    /// Has a callback of the customer's number been stored now: `settle` fails no unknown outcome of a silent one.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn hear_from_whatsapp(&self) {
        let number = self.instance().await.number.expect("a number");
        self.accounts.note_heard(&number.id, self.now()).await.expect("the table takes it");
    }

    /// Makes another customer with a number of his own; gives his key. His instance is `inst_theirs`.
    ///
    /// # Panics
    /// When the tables do not take it.
    pub async fn neighbour(&self) -> String {
        let account = self.open_account(Plan::Pro, 100_000).await;
        self.copy_instance_to(&account, "inst_theirs").await;
        let id: InstanceId = "inst_theirs".parse().expect("an id");
        let mut instance = self.accounts.instance(&account, &id).await.expect("the table answers").expect("a copy");
        instance.number.as_mut().expect("a number").id = "2002".to_owned();
        self.accounts.put_instance(&instance).await.expect("the table takes it");
        self.key(&account, &Scope::ALL, None).await
    }

    /// Sends a text of the neighbour's and waits until it has been read.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn neighbour_sends(&self, key: &str, to: &str) {
        let body = json!({ "instanceId": "inst_theirs", "to": to, "message": "hi" });
        let (status, answer) = self.call_as(key, "POST /v1/messages/send", body).await;
        assert_eq!(status, 202, "{answer}");
        let path = format!("GET /v1/messages/{}/status", answer["messageId"].as_str().expect("an id"));
        let ask = || async {
            Some(self.call_as(key, &path, Value::Null).await.1).filter(|it| it["data"]["status"] == "read")
        };
        eventually("the neighbour's message to be read", ask).await;
    }
}
