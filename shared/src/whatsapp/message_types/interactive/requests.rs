//! `location_request_message` and `request_contact_info`: buttons with which people share a place, or their phone number.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::whatsapp::message_types::parts::Body;
use crate::whatsapp::message_types::rules::no_rules;

/// A message that asks for a place.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveLocationRequest)]
pub struct LocationRequest {
    /// The text of the message: at most 1,024 characters.
    #[schema(inline)]
    body: Body<1024>,
    /// The button.
    action: LocationAction,
}

/// The button of a message that asks for a place.
#[derive(Deserialize, ToSchema)]
#[schema(as = LocationRequestAction)]
struct LocationAction {
    /// Always `send_location`.
    #[schema(inline)]
    name: LocationName,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LocationName {
    SendLocation,
}

/// A message that asks for a phone number. WhatsApp documents no limit of its body.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveContactRequest)]
pub struct ContactRequest {
    /// The text of the message.
    #[schema(inline)]
    body: Body<{ usize::MAX }>,
    /// The button.
    action: ContactAction,
}

/// The button of a message that asks for a phone number.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactRequestAction)]
struct ContactAction {
    /// Always `request_contact_info`.
    #[schema(inline)]
    name: ContactName,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ContactRequestName)]
enum ContactName {
    RequestContactInfo,
}

no_rules!(LocationRequest, ContactRequest);
