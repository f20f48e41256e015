//! What WhatsApp says of a number, and its promise to call back (whatsapp-cloud-api).

use std::time::Duration;

use reqwest::{Client, RequestBuilder, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::api_error::ApiError;
use shared::environment::{self, EnvironmentError};
use shared::graph_error::GraphError;
use shared::instance::Number;

/// How long an answer is waited for: two of them fit into the function's time-out.
const TIME: Duration = Duration::from_secs(4);
/// What is asked of a number.
const FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,throughput";
/// Numbers in these states send nothing.
const UNUSABLE: [&str; 6] = ["BANNED", "DELETED", "DISCONNECTED", "MIGRATED", "PENDING", "UNVERIFIED"];
/// What a client is told to wait when WhatsApp does not answer, in seconds.
const RETRY_AFTER: u32 = 5;

/// WhatsApp's Cloud API.
pub struct WhatsApp {
    client: Client,
    base: String,
}

/// A number as WhatsApp knows it.
#[derive(Debug)]
pub struct Profile {
    /// The number as people dial it.
    pub phone: Option<String>,
    /// The name that WhatsApp shows of it.
    pub name: Option<String>,
    /// Messages a second that WhatsApp takes from it.
    pub rate: u32,
}

#[derive(Deserialize)]
struct NumberAnswer {
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
struct Subscribed {
    success: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer<T> {
    Refused { error: GraphError },
    Said(T),
}

impl WhatsApp {
    /// The API that `WHATSAPP_URL` and `WHATSAPP_VERSION` name.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let base = format!("{}/{}", environment::text("WHATSAPP_URL")?, environment::text("WHATSAPP_VERSION")?);
        let client = Client::builder()
            .http1_only()
            .retry(retry::never())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(TIME)
            .build()
            .expect("a client of fixed settings builds");
        Ok(Self { client, base })
    }

    /// A number that can send.
    pub async fn number(&self, number_id: &str, token: &SecretString) -> Result<Profile, ApiError> {
        let request = self.client.get(format!("{}/{number_id}?fields={FIELDS}", self.base));
        let said: NumberAnswer = ask(request, token, "phoneNumberId").await?;
        if let Some(status) = said.status.as_deref().filter(|status| UNUSABLE.contains(status)) {
            return Err(ApiError::invalid("phoneNumberId", format!("can't send: WhatsApp says that it is {status}")));
        }
        let level = said.throughput.and_then(|throughput| throughput.level);
        let rate = if level.as_deref() == Some("HIGH") { Number::HIGH_RATE } else { Number::STANDARD_RATE };
        Ok(Profile { phone: said.display_phone_number, name: said.verified_name, rate })
    }

    /// Has WhatsApp call back about a business account: without it no callback ever comes.
    pub async fn subscribe(&self, business_id: &str, token: &SecretString) -> Result<(), ApiError> {
        let request = self.client.post(format!("{}/{business_id}/subscribed_apps", self.base));
        let said: Subscribed = ask(request, token, "businessId").await?;
        if said.success { Ok(()) } else { Err(ApiError::invalid("businessId", "WhatsApp does not subscribe to it")) }
    }
}

/// WhatsApp's answer; its refusal names the field that it is about: the token, or the one that is asked for.
async fn ask<T: DeserializeOwned>(request: RequestBuilder, token: &SecretString, field: &str) -> Result<T, ApiError> {
    let unavailable = |error: reqwest::Error| ApiError::unavailable(error.without_url(), RETRY_AFTER);
    let response = request.bearer_auth(token.expose_secret()).send().await.map_err(unavailable)?;
    let body = response.bytes().await.map_err(unavailable)?;
    match serde_json::from_slice(&body) {
        Ok(Answer::Said(said)) => Ok(said),
        Ok(Answer::Refused { error }) => Err(refused(&error, field)),
        Err(_) => Err(ApiError::unavailable("WhatsApp's answer can't be read", RETRY_AFTER)),
    }
}

fn refused(error: &GraphError, field: &str) -> ApiError {
    match error.code {
        0 | 190 => ApiError::invalid("accessToken", "WhatsApp does not take this token: it is wrong, or has expired"),
        3 | 10 | 200..=299 | 131_005 => ApiError::invalid(
            "accessToken",
            "this token may not do that: it needs whatsapp_business_management and whatsapp_business_messaging",
        ),
        1 | 2 | 4 | 80_007 | 130_429 | 131_000 | 131_016 | 131_057 | 133_004 => {
            ApiError::unavailable(format!("WhatsApp: error {}", error.code), RETRY_AFTER)
        }
        code => ApiError::invalid(
            field,
            format!("WhatsApp does not know it, or this token does not reach it (error {code})"),
        ),
    }
}
