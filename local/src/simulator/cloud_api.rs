//! The Cloud API's checks of requests, and its response bodies (whatsapp-cloud-api).

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};
use shared::whatsapp::MAX_TEXT;

use super::graph_error::GraphError;
use super::ledger::AcceptedMessage;
use super::magic_ids::{BANNED_NUMBER, EXPIRED_TOKEN_PREFIX, HIGH_THROUGHPUT_NUMBER, UNKNOWN_ID};

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
    if message["messaging_product"] != "whatsapp" {
        return Err(GraphError::invalid_parameter("messaging_product must be whatsapp"));
    }
    let to = message["to"].as_str().unwrap_or_default();
    if !to
        .strip_prefix('+')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(GraphError::invalid_parameter(
            "to must be + and digits, or the message may reach another recipient",
        ));
    }
    if message["biz_opaque_callback_data"].as_str().is_some_and(|data| data.chars().count() > MAX_CALLBACK_DATA) {
        return Err(GraphError::invalid_parameter("biz_opaque_callback_data is too long"));
    }
    check_content(&message).map(|()| message)
}

fn check_content(message: &Value) -> Result<(), GraphError> {
    let kind = message["type"].as_str().unwrap_or_default();
    let content = &message[kind];
    let is_valid = match kind {
        "text" => content["body"].as_str().is_some_and(|body| (1..=MAX_TEXT).contains(&body.chars().count())),
        "image" | "video" | "document" => content["link"].is_string() || content["id"].is_string(),
        "audio" | "sticker" => {
            (content["link"].is_string() || content["id"].is_string()) && content.get("caption").is_none()
        }
        "template" => content["name"].is_string() && content["language"]["code"].is_string(),
        _ => false,
    };
    if is_valid { Ok(()) } else { Err(GraphError::invalid_parameter("the content does not fit its type")) }
}

/// The response to an accepted message; `status` is `accepted` or `held_for_quality_assessment`.
pub fn accepted(message: &AcceptedMessage, status: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": message.message["to"], "wa_id": message.recipient() }],
        "messages": [{ "id": message.wamid, "message_status": status }],
    })
}

/// A number's profile.
pub fn number(id: &str) -> Result<Value, GraphError> {
    check_known(id)?;
    let status = if id == BANNED_NUMBER { "BANNED" } else { "CONNECTED" };
    let level = if id == HIGH_THROUGHPUT_NUMBER { "HIGH" } else { "STANDARD" };
    Ok(json!({
        "id": id,
        "display_phone_number": "+55 11 4000-0000",
        "verified_name": "Simulated business",
        "status": status,
        "quality_rating": "GREEN",
        "throughput": { "level": level },
    }))
}

/// The response to the subscription of an app to a business account's callbacks.
pub fn subscribed_app(business: &str) -> Result<Value, GraphError> {
    check_known(business)?;
    Ok(json!({ "success": true }))
}

fn check_known(id: &str) -> Result<(), GraphError> {
    if id == UNKNOWN_ID {
        Err(GraphError::invalid_parameter("Unsupported request. Object with this id does not exist."))
    } else {
        Ok(())
    }
}
