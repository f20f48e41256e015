//! Accounts, keys and instances of a test's own, put into the tables as they are.

use local::seed;
use secrecy::ExposeSecret;
use shared::account::{Account, ApiKey, Plan, Scope};
use shared::api_key;
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, InstanceId, KeyId};
use shared::instance::{Instance, Number};
use shared::meter::Meter;

use crate::test_stack::TestStack;

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
}
