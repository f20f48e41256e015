//! Calls that connect a number: its profile, and the subscription to callbacks (whatsapp-cloud-api).

use std::time::Duration;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::whatsapp::client::WhatsAppClient;
use crate::whatsapp::graph_error::GraphError;
use crate::whatsapp::raw_json::parse;

/// The time for one call: two of them fit into the function's timeout.
const TIME: Duration = Duration::from_secs(4);
/// The fields of a number that are read.
const FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,throughput";
/// Statuses of numbers that cannot send.
const UNUSABLE: [&str; 6] = ["BANNED", "DELETED", "DISCONNECTED", "MIGRATED", "PENDING", "UNVERIFIED"];
/// Messages a second that WhatsApp accepts from a number (whatsapp-cloud-api, Errors).
pub const STANDARD_RATE: u32 = 80;
/// The same after Meta's upgrade.
pub const HIGH_RATE: u32 = 1000;

/// The profile of a number at WhatsApp.
#[derive(Debug)]
pub struct NumberProfile {
    /// The number as people dial it.
    pub phone: Option<String>,
    /// The name that WhatsApp shows for it.
    pub name: Option<String>,
    /// Messages a second that WhatsApp accepts from it.
    pub rate: u32,
    /// Its status, if the number cannot send in it.
    pub unusable_status: Option<String>,
}

/// Why a call failed.
#[derive(Debug)]
pub enum ManagementError {
    /// WhatsApp refused it.
    Refused(GraphError),
    /// WhatsApp did not answer, or not readably.
    Unavailable(String),
}

#[derive(Deserialize)]
struct NumberResponse {
    display_phone_number: Option<String>,
    verified_name: Option<String>,
    status: Option<String>,
    throughput: Option<Throughput>,
}

#[derive(Deserialize)]
struct Throughput {
    level: Option<String>,
}

#[derive(Deserialize)]
struct SubscribeResponse {
    success: bool,
}

impl WhatsAppClient {
    /// Reads the profile of a number.
    pub async fn number_profile(
        &self,
        number_id: &str,
        token: &SecretString,
    ) -> Result<NumberProfile, ManagementError> {
        let request = self.client().get(self.url(&format!("{number_id}?fields={FIELDS}")));
        let number: NumberResponse = call(request, token).await?;
        let level = number.throughput.and_then(|throughput| throughput.level);
        Ok(NumberProfile {
            phone: number.display_phone_number,
            name: number.verified_name,
            rate: if level.as_deref() == Some("HIGH") { HIGH_RATE } else { STANDARD_RATE },
            unusable_status: number.status.filter(|status| UNUSABLE.contains(&status.as_str())),
        })
    }

    /// Subscribes to the callbacks of a business account: without it none ever comes. `false` when WhatsApp declines.
    pub async fn subscribe(&self, business_id: &str, token: &SecretString) -> Result<bool, ManagementError> {
        let request = self.client().post(self.url(&format!("{business_id}/subscribed_apps")));
        let response: SubscribeResponse = call(request, token).await?;
        Ok(response.success)
    }
}

async fn call<T: DeserializeOwned>(request: RequestBuilder, token: &SecretString) -> Result<T, ManagementError> {
    let unavailable = |error: reqwest::Error| ManagementError::Unavailable(error.without_url().to_string());
    let request = request.timeout(TIME).bearer_auth(token.expose_secret());
    let body = request.send().await.map_err(unavailable)?.bytes().await.map_err(unavailable)?;
    let text = String::from_utf8_lossy(&body);
    let response: Option<&RawValue> = serde_json::from_str(&text).ok();
    if let Some(error) = response.and_then(GraphError::of_response) {
        return Err(ManagementError::Refused(error));
    }
    let unreadable = || ManagementError::Unavailable("unreadable response of WhatsApp".to_owned());
    response.and_then(parse).ok_or_else(unreadable)
}
