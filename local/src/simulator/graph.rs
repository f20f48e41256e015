//! What WhatsApp checks and answers, in the Graph API's words (whatsapp-cloud-api).

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use super::Taken;
use super::graph_error::GraphError;

/// The longest tag, in characters.
const MAX_TAG: usize = 512;

/// What tokens that have expired begin with.
const EXPIRED_TOKEN: &str = "EAAG-expired";
/// An id that WhatsApp does not know: of a number, or of a business account.
const UNKNOWN_ID: &str = "4040000000000";
/// The id of a number that was banned.
const BANNED_NUMBER: &str = "4030000000000";
/// The id of a number that Meta has upgraded.
const HIGH_NUMBER: &str = "1000000000000";

/// Whether a request carries a token, and one that has not expired.
pub fn check_token(headers: &HeaderMap) -> Result<(), GraphError> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match token.and_then(|text| text.strip_prefix("Bearer ")) {
        Some(token) if !token.is_empty() && !token.starts_with(EXPIRED_TOKEN) => Ok(()),
        _ => Err(GraphError::new(190, "Invalid OAuth access token.")),
    }
}

/// A message that WhatsApp could send, or its reason why not.
pub fn check_message(body: &[u8]) -> Result<Value, GraphError> {
    let message: Value = serde_json::from_slice(body).map_err(|_| GraphError::parameter("the body is not JSON"))?;
    if message["messaging_product"] != "whatsapp" {
        return Err(GraphError::parameter("messaging_product must be whatsapp"));
    }
    let to = message["to"].as_str().unwrap_or_default();
    if !to
        .strip_prefix('+')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(GraphError::parameter("to must be + and digits, or the message may reach a stranger"));
    }
    if message["biz_opaque_callback_data"].as_str().is_some_and(|tag| tag.chars().count() > MAX_TAG) {
        return Err(GraphError::parameter("biz_opaque_callback_data is too long"));
    }
    check_content(&message).map(|()| message)
}

fn check_content(message: &Value) -> Result<(), GraphError> {
    let kind = message["type"].as_str().unwrap_or_default();
    let content = &message[kind];
    let right = match kind {
        "text" => content["body"].as_str().is_some_and(|body| (1..=4096).contains(&body.chars().count())),
        "image" | "video" | "document" => content["link"].is_string() || content["id"].is_string(),
        "audio" | "sticker" => {
            (content["link"].is_string() || content["id"].is_string()) && content.get("caption").is_none()
        }
        "template" => content["name"].is_string() && content["language"]["code"].is_string(),
        _ => false,
    };
    if right { Ok(()) } else { Err(GraphError::parameter("the content does not fit its type")) }
}

/// The recipient's digits.
pub fn recipient(message: &Value) -> String {
    message["to"].as_str().unwrap_or_default().trim_start_matches('+').to_owned()
}

/// The answer to a message that was taken: `status` is `accepted`, or that it is held.
pub fn taken_in(taken: &Taken, status: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": taken.message["to"], "wa_id": taken.recipient() }],
        "messages": [{ "id": taken.wamid, "message_status": status }],
    })
}

/// A number's profile, or that there is no such number.
pub fn number(id: &str) -> Result<Value, GraphError> {
    known(id)?;
    let status = if id == BANNED_NUMBER { "BANNED" } else { "CONNECTED" };
    let level = if is_upgraded(id) { "HIGH" } else { "STANDARD" };
    Ok(json!({
        "id": id,
        "display_phone_number": "+55 11 4000-0000",
        "verified_name": "Simulated business",
        "status": status,
        "quality_rating": "GREEN",
        "throughput": { "level": level },
    }))
}

/// Whether Meta has upgraded a number's throughput.
pub fn is_upgraded(id: &str) -> bool {
    id == HIGH_NUMBER
}

/// Callbacks about a business account, subscribed to.
pub fn subscribed(business: &str) -> Result<Value, GraphError> {
    known(business)?;
    Ok(json!({ "success": true }))
}

fn known(id: &str) -> Result<(), GraphError> {
    if id == UNKNOWN_ID {
        Err(GraphError::parameter("Unsupported request. Object with this id does not exist."))
    } else {
        Ok(())
    }
}
