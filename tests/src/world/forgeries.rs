//! A hostile customer, who has a Meta app of its own and knows the ids of others.

use aws_lc_rs::hmac;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::clients::Clients;
use super::setup::{FORGED_WRITER, app_secret, number};
use crate::sweep::checker::webhooks::FORGED;
use crate::sweep::scenario::inbound_text;

impl Clients<'_> {
    /// Reports a status of a message that WhatsApp has accepted, signed with the account's own app secret.
    pub async fn forge(&self, account: usize, home: (usize, usize), message: u32, status: &str, at: &str) {
        let Some((owner, id)) = self.known().accepted(message) else { return };
        let taken = self.fixture.stack.whatsapp().ledger().taken();
        let tag = |message: &Value| message["biz_opaque_callback_data"].as_str().unwrap_or_default().to_owned();
        let Some(taken) = taken.into_iter().find(|taken| tag(&taken.message).contains(&id)) else { return };
        if owner == account && status == "failed" {
            self.known().forged.push(id);
        }
        let number = number(home.0, home.1);
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
            "field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
                "statuses": [{ "id": taken.wamid, "status": status, "timestamp": at, "recipient_id": taken.recipient(),
                    "biz_opaque_callback_data": tag(&taken.message),
                    "errors": if status == "failed" { json!([{ "code": 131_026, "title": "x" }]) } else { json!([]) } }],
            } }] }] });
        self.sign_and_post(account, &number, &body.to_string()).await;
    }

    /// Reports a text, signed with the account's own app secret.
    pub async fn forge_text(&self, message: u32, account: usize, home: (usize, usize), at: &str, size: usize) {
        let (number, wamid) = (number(home.0, home.1), format!("{FORGED}{message}"));
        let body = inbound_text(&number, FORGED_WRITER, &wamid, &"PRIVATE ".repeat(size / 8), at);
        self.sign_and_post(account, &number, &body).await;
    }

    async fn sign_and_post(&self, account: usize, number: &str, body: &str) {
        let own = self.fixture.tenants[account].account.to_string();
        let before = self.owner(number).await;
        let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret(account).expose_secret().as_bytes());
        let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
        let status = self.player.post_callback(body, Some(&signature)).await;
        let after = self.owner(number).await;
        let is_own = [before, after].into_iter().flatten().any(|(account, _)| account == own);
        if status == 200 && !is_own {
            self.known().trespasses.push(format!("{own} reported for the number {number}, which is not its own"));
        }
    }

    /// Asks for the status of a message and cancels it, whoever's it is.
    pub async fn trespass(&self, account: usize, message: u32) {
        let Some((owner, id)) = self.known().accepted(message) else { return };
        let key = &self.fixture.tenants[account].keys[0];
        for request in [format!("GET /v1/messages/{id}/status"), format!("DELETE /v1/messages/{id}")] {
            let answer = self.player.call(key, &request, None, &Value::Null).await;
            if owner != account && answer.is_some_and(|(status, _)| status < 400) {
                self.known().trespasses.push(format!("{request} was answered to another account"));
            }
        }
    }
}
