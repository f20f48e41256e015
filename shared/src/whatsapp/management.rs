//! Calls that connect a number: its profile, and the subscription to callbacks (whatsapp-cloud-api).

use std::time::Duration;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::provider_ids::is_type_name;
use crate::whatsapp::client::WhatsAppClient;
use crate::whatsapp::graph_error::GraphError;
use crate::whatsapp::raw_json::parse;

/// The time for one call: two of them, one after the other, fit into the function's timeout.
const CALL_TIMEOUT: Duration = Duration::from_secs(4);
/// The fields of a number that are read.
const FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,throughput";
/// Says whether the number is in use in WhatsApp's app as well. Asked for alone: a refusal loses nothing else.
const APP_FIELDS: &str = "id,is_on_biz_app,platform_type";
/// The messaging limit, since v24.0 (whatsapp-cloud-api-2026, section 9). Asked for alone, as an earlier version refuses it.
const LIMIT_FIELDS: &str = "id,whatsapp_business_manager_messaging_limit";
/// Statuses of numbers that cannot send.
const UNUSABLE: [&str; 6] = ["BANNED", "DELETED", "DISCONNECTED", "MIGRATED", "PENDING", "UNVERIFIED"];
/// Messages a second that WhatsApp accepts from a number (whatsapp-cloud-api, Errors).
pub const STANDARD_RATE: u32 = 80;
/// The same after Meta's upgrade.
pub const HIGH_RATE: u32 = 1000;
/// The same of a number that is in use in WhatsApp's app as well.
pub const APP_SHARED_RATE: u32 = 20;

/// The profile of a number at WhatsApp.
#[derive(Debug)]
pub struct NumberProfile {
    /// The number as people dial it.
    pub phone: Option<String>,
    /// The name that WhatsApp shows for it.
    pub name: Option<String>,
    /// Messages a second that WhatsApp accepts from it.
    pub rate: u32,
    /// Its limits.
    pub limits: NumberLimits,
    /// Its status, if the number cannot send in it.
    pub unusable_status: Option<String>,
}

/// What WhatsApp says of a number's quality and limits.
#[derive(Clone, Debug, Default)]
pub struct NumberLimits {
    /// Its quality, such as `GREEN`.
    pub quality: Option<String>,
    /// How many people may be written to in a day, such as `TIER_2K`.
    pub messaging_limit: Option<String>,
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
    quality_rating: Option<String>,
    throughput: Option<Throughput>,
}

#[derive(Deserialize)]
struct Throughput {
    level: Option<String>,
}

#[derive(Default, Deserialize)]
struct AppResponse {
    is_on_biz_app: Option<bool>,
}

#[derive(Default, Deserialize)]
struct LimitResponse {
    whatsapp_business_manager_messaging_limit: Option<String>,
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
        let get = |fields: &str| self.client().get(self.url(&format!("{number_id}?fields={fields}")));
        let (number, app, limit) = tokio::join!(
            call::<NumberResponse>(get(FIELDS), token),
            optional::<AppResponse>(get(APP_FIELDS), token),
            optional::<LimitResponse>(get(LIMIT_FIELDS), token),
        );
        let number = number?;
        let level = number.throughput.and_then(|throughput| throughput.level);
        let word = |word: &String| is_type_name(word);
        Ok(NumberProfile {
            phone: number.display_phone_number,
            name: number.verified_name,
            rate: rate(level.as_deref(), app.is_on_biz_app == Some(true)),
            limits: NumberLimits {
                quality: number.quality_rating.filter(word),
                messaging_limit: limit.whatsapp_business_manager_messaging_limit.filter(word),
            },
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

/// Messages a second, by WhatsApp's word for a throughput, or by the number that a later version may show.
fn rate(level: Option<&str>, is_shared_with_app: bool) -> u32 {
    match level {
        _ if is_shared_with_app => APP_SHARED_RATE,
        Some("HIGH") => HIGH_RATE,
        Some(level) => level.parse().map_or(STANDARD_RATE, |rate: u32| rate.clamp(1, HIGH_RATE)),
        None => STANDARD_RATE,
    }
}

/// A call without whose answer a number can be connected.
async fn optional<T: DeserializeOwned + Default>(request: RequestBuilder, token: &SecretString) -> T {
    call(request, token).await.unwrap_or_else(|error| {
        tracing::warn!(?error, "number.profile_incomplete");
        T::default()
    })
}

pub(super) async fn call<T: DeserializeOwned>(
    request: RequestBuilder,
    token: &SecretString,
) -> Result<T, ManagementError> {
    call_within(request, token, CALL_TIMEOUT).await
}

/// The same with a time of its own.
pub(super) async fn call_within<T: DeserializeOwned>(
    request: RequestBuilder,
    token: &SecretString,
    time: Duration,
) -> Result<T, ManagementError> {
    let unavailable = |error: reqwest::Error| ManagementError::Unavailable(error.without_url().to_string());
    let request = request.timeout(time).bearer_auth(token.expose_secret());
    let body = request.send().await.map_err(unavailable)?.bytes().await.map_err(unavailable)?;
    let text = String::from_utf8_lossy(&body);
    let response: Option<&RawValue> = serde_json::from_str(&text).ok();
    if let Some(error) = response.and_then(GraphError::of_response) {
        return Err(ManagementError::Refused(error));
    }
    let unreadable = || ManagementError::Unavailable("unreadable response of WhatsApp".to_owned());
    response.and_then(parse).ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_paced_by_its_level_and_slowly_beside_the_app() {
        assert_eq!(
            [Some("STANDARD"), Some("HIGH"), Some("NOT_APPLICABLE"), None].map(|level| rate(level, false)),
            [80, 1000, 80, 80]
        );
        assert_eq!([Some("HIGH"), None].map(|level| rate(level, true)), [20, 20]);
        assert_eq!([Some("5"), Some("0"), Some("99999")].map(|level| rate(level, false)), [5, 1, 1000]);
    }
}
