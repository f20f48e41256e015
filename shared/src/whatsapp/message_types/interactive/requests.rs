//! `location_request_message` and `request_contact_info`: buttons with which people share a place, or their phone number.

use serde::Deserialize;

use crate::whatsapp::message_types::parts::Body;
use crate::whatsapp::message_types::rules::no_rules;

/// A message that asks for a place.
#[derive(Deserialize)]
pub struct LocationRequest {
    body: Body<1024>,
    action: LocationAction,
}

#[derive(Deserialize)]
struct LocationAction {
    name: LocationName,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum LocationName {
    SendLocation,
}

/// A message that asks for a phone number. WhatsApp documents no limit of its body.
#[derive(Deserialize)]
pub struct ContactRequest {
    body: Body<{ usize::MAX }>,
    action: ContactAction,
}

#[derive(Deserialize)]
struct ContactAction {
    name: ContactName,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ContactName {
    RequestContactInfo,
}

no_rules!(LocationRequest, ContactRequest);
