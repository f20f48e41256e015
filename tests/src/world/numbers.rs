//! Numbers that move from one instance to another.

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::clients::Clients;
use super::credentials::Credential;
use super::setup::{app_secret, business, number};

/// How often the operator and a customer repeat a call that was not answered.
const REPEATS: usize = 12;

impl Clients<'_> {
    /// Connects an instance to a number.
    pub async fn connect(&self, account: usize, instance: usize, home: (usize, usize), has_own_app: bool) {
        let mut body = json!({ "method": "official", "businessId": business(account), "accessToken": "EAAG-PRIVATE",
            "phoneNumberId": number(home.0, home.1) });
        if has_own_app {
            body["appSecret"] = app_secret(account).expose_secret().into();
        }
        self.move_number("POST", account, instance, "/connect", &body).await;
    }

    /// Disconnects an instance.
    pub async fn disconnect(&self, account: usize, instance: usize) {
        self.move_number("POST", account, instance, "/disconnect", &Value::Null).await;
    }

    /// Deletes an instance.
    pub async fn delete(&self, account: usize, instance: usize) {
        let status = self.move_number("DELETE", account, instance, "", &Value::Null).await;
        if matches!(status, Some(204 | 404)) {
            self.end(Credential::Instance(account, instance));
        }
    }

    async fn move_number(
        &self,
        method: &str,
        account: usize,
        instance: usize,
        action: &str,
        body: &Value,
    ) -> Option<u16> {
        {
            let mut known = self.known();
            (known.moves, known.moving) = (known.moves + 1, known.moving + 1);
        }
        let tenant = &self.fixture.tenants[account];
        let path = format!("{method} /v1/instances/{}{action}", tenant.instances[instance]);
        let answer = self.manage(&tenant.keys[0], &path, body).await;
        self.known().moving -= 1;
        answer.map(|(status, _)| status)
    }

    /// Makes a call of the API until there is a final answer, and returns it.
    pub async fn manage(&self, key: &str, method_and_path: &str, body: &Value) -> Option<(u16, Value)> {
        for _ in 0..REPEATS {
            let answer = self.player.call(key, method_and_path, None, body).await;
            if answer.as_ref().is_some_and(|(status, _)| *status < 500) {
                return answer;
            }
        }
        None
    }

    /// All numbers, by WhatsApp's ids.
    pub fn numbers(&self) -> Vec<String> {
        let tenants = self.fixture.tenants.iter().enumerate();
        tenants.flat_map(|(account, tenant)| (0..tenant.instances.len()).map(move |it| number(account, it))).collect()
    }
}
