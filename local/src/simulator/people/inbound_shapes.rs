//! The objects of WhatsApp's types, as a person's phone may send them. Most fields are only read to check them.
#![expect(dead_code, reason = "a field that is only checked is read by serde alone")]

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
    pub url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    pub message_id: String,
    pub emoji: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Interactive {
    #[serde(rename = "button_reply")]
    Button { button_reply: Choice },
    #[serde(rename = "list_reply")]
    List { list_reply: Choice },
    #[serde(rename = "nfm_reply")]
    Nfm { nfm_reply: FormReply },
    #[serde(rename = "call_permission_reply")]
    CallPermission { call_permission_reply: Map<String, Value> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    pub title: String,
    pub description: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormReply {
    pub name: String,
    pub body: Option<String>,
    pub response_json: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    pub text: String,
    pub payload: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub catalog_id: String,
    pub text: Option<String>,
    pub product_items: Vec<OrderLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    pub product_retailer_id: String,
    pub quantity: u32,
    pub item_price: f64,
    pub currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub original_message_id: String,
    pub message: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    pub original_message_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsupported {
    pub r#type: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadedFile {
    pub data: String,
    pub mime_type: String,
    pub caption: Option<String>,
    pub filename: Option<String>,
    pub voice: Option<bool>,
    pub animated: Option<bool>,
}
