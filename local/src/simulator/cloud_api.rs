//! The Cloud API's checks of requests, and its response bodies (whatsapp-cloud-api).

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use super::content_check;
use super::graph_error::GraphError;
use super::ledger::AcceptedMessage;
use super::magic_ids::{APP_SHARED_NUMBER, BANNED_NUMBER, EXPIRED_TOKEN_PREFIX, HIGH_THROUGHPUT_NUMBER, UNKNOWN_ID};
use super::person::Person;

/// The longest `biz_opaque_callback_data`, in characters.
const MAX_CALLBACK_DATA: usize = 512;

/// Checks that a request has an access token that has not expired.
pub fn check_token(headers: &HeaderMap) -> Result<(), GraphError> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match token.and_then(|text| text.strip_prefix("Bearer ")) {
        Some(token) if !token.is_empty() && !token.starts_with(EXPIRED_TOKEN_PREFIX) => Ok(()),
        _ => Err(GraphError::new(190, "Invalid OAuth access token.")),
    }
}

/// Parses a message, and checks that WhatsApp would accept it.
pub fn check_message(body: &[u8]) -> Result<Value, GraphError> {
    let message: Value =
        serde_json::from_slice(body).map_err(|_| GraphError::invalid_parameter("the body is not JSON"))?;
    let callback_data = message["biz_opaque_callback_data"].as_str().unwrap_or_default();
    let problem = if message["messaging_product"] != "whatsapp" {
        "messaging_product must be whatsapp"
    } else if !has_valid_recipient(&message) {
        "to must be + and digits, or recipient a user id; or the message may reach another recipient"
    } else if callback_data.chars().count() > MAX_CALLBACK_DATA {
        "biz_opaque_callback_data is too long"
    } else {
        let message_type = message["type"].as_str().unwrap_or_default();
        content_check::check(message_type, &message[message_type])?;
        return Ok(message);
    };
    Err(GraphError::invalid_parameter(problem))
}

/// `to` is a phone number, and a user id is in `recipient` (whatsapp-cloud-api-2026, section 1).
fn has_valid_recipient(message: &Value) -> bool {
    let digits = message["to"].as_str().and_then(|to| to.strip_prefix('+')).unwrap_or_default();
    let is_phone = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let user = message["recipient"].as_str().unwrap_or_default();
    let (country, id) = user.split_once('.').unwrap_or_default();
    let is_user = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()) && !id.is_empty();
    if message.get("to").is_some() { is_phone } else { is_user }
}

/// The response to an accepted message; `status` is `accepted` or `held_for_quality_assessment`.
pub fn accepted(message: &AcceptedMessage, status: &str) -> Value {
    let input = message.message.get("to").or_else(|| message.message.get("recipient")).unwrap_or(&Value::Null);
    json!({
        "messaging_product": "whatsapp",
        "contacts": [Person::from_recipient(&message.recipient()).in_response(input)],
        "messages": [{ "id": message.wamid, "message_status": status }],
    })
}

/// The fields of a number's profile that a request asks for, in a version of the Graph API such as `v25.0`.
pub fn number(version: &str, id: &str, fields: &str) -> Result<Value, GraphError> {
    check_known(id)?;
    let status = if id == BANNED_NUMBER { "BANNED" } else { "CONNECTED" };
    let level = if id == HIGH_THROUGHPUT_NUMBER { "HIGH" } else { "STANDARD" };
    let limit = if id == HIGH_THROUGHPUT_NUMBER { "TIER_UNLIMITED" } else { "TIER_2K" };
    let mut profile = json!({
        "id": id,
        "display_phone_number": "+55 11 4000-0000",
        "verified_name": "Simulated business",
        "status": status,
        "quality_rating": "GREEN",
        "throughput": { "level": level },
        "platform_type": "CLOUD_API",
        "is_on_biz_app": id == APP_SHARED_NUMBER,
    });
    if major_version(version) >= 24 {
        profile["whatsapp_business_manager_messaging_limit"] = json!(limit);
    }
    let mut asked = json!({ "id": id });
    for field in fields.split(',').filter(|field| !field.is_empty()) {
        let Some(value) = profile.get(field) else {
            return Err(GraphError::invalid_parameter(format!("Tried accessing nonexisting field ({field})")));
        };
        asked[field] = value.clone();
    }
    Ok(asked)
}

/// The first number of a version such as `v25.0`; 0 of anything else.
pub fn major_version(version: &str) -> u32 {
    let number = version.strip_prefix('v').and_then(|version| version.split('.').next()?.parse().ok());
    number.unwrap_or_default()
}

/// Checks that WhatsApp knows a number or a business account.
pub fn check_known(id: &str) -> Result<(), GraphError> {
    if id == UNKNOWN_ID {
        Err(GraphError::invalid_parameter("Unsupported request. Object with this id does not exist."))
    } else {
        Ok(())
    }
}
