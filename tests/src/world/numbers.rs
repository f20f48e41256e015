//! People who write, and numbers that move from one instance to another.

use futures::future::join_all;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::clients::Clients;
use super::setup::{app_secret, number};
use crate::sweep::evidence::InboundEvidence;
use crate::sweep::scenario::inbound_text;

/// How often the operator and a customer repeat a call that was not answered.
const REPEATS: usize = 12;

/// The account and the instance that have a number.
type Owner = Option<(String, String)>;

impl Clients<'_> {
    /// Posts the callback of a message that a person writes.
    pub async fn write(&self, message: u32, account: usize, instance: usize, from: &str) {
        let (wamid, number) = (format!("wamid.IN{message}"), number(account, instance));
        let at = self.fixture.stack.now().secs().to_string();
        let body = inbound_text(&number, from, &wamid, "PRIVATE-QUESTION", &at);
        self.report(wamid, number, body).await;
    }

    /// Posts the callbacks again that were not acknowledged, and returns how many there were.
    pub async fn report_again(&self) -> usize {
        let callbacks = std::mem::take(&mut self.known().unacknowledged);
        let count = callbacks.len();
        join_all(callbacks.into_iter().map(|(wamid, number, body)| self.report(wamid, number, body))).await;
        count
    }

    async fn report(&self, wamid: String, number: String, body: String) {
        let (moves, before) = (self.finished_moves(), self.owner(&number).await);
        if self.player.post_callback(&body, None).await != 200 {
            self.known().unacknowledged.push((wamid, number, body));
            return;
        }
        let after = self.owner(&number).await;
        let is_certain = before == after && moves.is_some() && moves == self.finished_moves();
        let owners = match (before, after) {
            (Some(before), Some(after)) => vec![before, after],
            _ => Vec::new(),
        };
        self.known().inbound.push(InboundEvidence { wamid, owners, is_certain });
    }

    /// Who has a number.
    pub async fn owner(&self, number: &str) -> Owner {
        let owner = self.fixture.stack.accounts.number_owner(number).await.expect("the table answers")?;
        Some((owner.account_id.to_string(), owner.instance_id.to_string()))
    }

    /// How many numbers were moved; none while one is being moved.
    fn finished_moves(&self) -> Option<usize> {
        let known = self.known();
        (known.moving == 0).then_some(known.moves)
    }

    /// Connects an instance to a number.
    pub async fn connect(&self, account: usize, instance: usize, home: (usize, usize), has_own_app: bool) {
        let mut body = json!({ "method": "official", "businessId": "102290129340398", "accessToken": "EAAG-PRIVATE",
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
        self.move_number("DELETE", account, instance, "", &Value::Null).await;
    }

    async fn move_number(&self, method: &str, account: usize, instance: usize, action: &str, body: &Value) {
        {
            let mut known = self.known();
            (known.moves, known.moving) = (known.moves + 1, known.moving + 1);
        }
        let tenant = &self.fixture.tenants[account];
        let path = format!("{method} /v1/instances/{}{action}", tenant.instances[instance]);
        self.manage(&tenant.keys[0], &path, body).await;
        self.known().moving -= 1;
    }

    /// Makes a call of the API until there is a final answer, and returns its status.
    pub async fn manage(&self, key: &str, method_and_path: &str, body: &Value) -> Option<u16> {
        for _ in 0..REPEATS {
            let answer = self.player.call(key, method_and_path, None, body).await;
            if let Some((status, _)) = answer.filter(|(status, _)| *status < 500) {
                return Some(status);
            }
        }
        None
    }
}
