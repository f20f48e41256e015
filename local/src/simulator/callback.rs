//! The simulator's callbacks: WhatsApp's envelope, signed, and repeated until the answer is 200.

use std::time::Duration;

use aws_lc_rs::hmac;
use reqwest::{Client, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::Taken;
use crate::clock::Clock;

/// How often a callback that was not acknowledged is repeated. Meta goes on for seven days.
const REPEATS: u32 = 12;
/// How long an answer is waited for (whatsapp-cloud-api: Meta gives up after some seconds).
const TIME: Duration = Duration::from_secs(20);

/// Where and how callbacks are made.
#[derive(Clone)]
pub struct Callbacks {
    client: Client,
    url: String,
    secret: hmac::Key,
}

/// What one callback reports.
#[derive(Clone, Debug)]
pub struct StatusReport {
    number_id: String,
    status: Value,
}

impl StatusReport {
    /// A status of a message at a time, in milliseconds since the epoch.
    pub fn of(taken: &Taken, status: &str, at: i64) -> Self {
        let status = json!({
            "id": taken.wamid,
            "status": status,
            "timestamp": (at / 1000).to_string(),
            "recipient_id": taken.recipient(),
            "biz_opaque_callback_data": taken.message["biz_opaque_callback_data"],
            "pricing": { "billable": true, "pricing_model": "PMP", "category": "service" },
        });
        Self { number_id: taken.number_id.clone(), status }
    }

    fn envelope(&self) -> Value {
        json!({
            "object": "whatsapp_business_account",
            "entry": [{
                "id": "1022",
                "changes": [{
                    "field": "messages",
                    "value": {
                        "messaging_product": "whatsapp",
                        "metadata": { "display_phone_number": "551140000000", "phone_number_id": self.number_id },
                        "statuses": [self.status],
                    },
                }],
            }],
        })
    }
}

impl Callbacks {
    /// Callbacks to an address, signed with an app's secret.
    pub fn new(url: String, app_secret: &SecretString) -> Self {
        let client = Client::builder().no_proxy().timeout(TIME).build().expect("a client of fixed settings builds");
        let secret = hmac::Key::new(hmac::HMAC_SHA256, app_secret.expose_secret().as_bytes());
        Self { client, url, secret }
    }

    /// Reports a status and repeats it until it is acknowledged.
    pub async fn report(&self, report: &StatusReport, clock: &Clock) {
        let body = report.envelope().to_string();
        for repeat in 0..REPEATS {
            if self.post(&body).await == Some(StatusCode::OK) {
                return;
            }
            clock.sleep_until(clock.now() + (250 << repeat)).await;
        }
        eprintln!("the simulator: {} was not acknowledged after {REPEATS} callbacks", report.status["id"]);
    }

    /// Posts a body with its signature; nothing when there was no answer.
    pub async fn post(&self, body: &str) -> Option<StatusCode> {
        let signature = hex::encode(hmac::sign(&self.secret, body.as_bytes()));
        let request = self
            .client
            .post(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-hub-signature-256", format!("sha256={signature}"))
            .body(body.to_owned());
        request.send().await.ok().map(|response| response.status())
    }
}
