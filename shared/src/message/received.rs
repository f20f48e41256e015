//! What WhatsApp says of a received message beside its content, as the record keeps it and as customers see it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::ids::MessageId;
use crate::json_text::JsonText;
use crate::user_id::UserId;

/// What is kept of a received message beside its content.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// WhatsApp's id of the sender, also of one whose phone number is known.
    pub user_id: Option<UserId>,
    /// The same id as parent portfolios see it.
    pub parent_user_id: Option<UserId>,
    /// The sender's username, without `@`.
    pub username: Option<String>,
    /// WhatsApp's id of the group that it was sent in.
    pub group_id: Option<String>,
    /// What it answers or repeats.
    pub context: Option<Context>,
    /// The ad that it came from: WhatsApp's own object.
    pub referral: Option<JsonText>,
    /// Why WhatsApp does not show it: WhatsApp's own list.
    pub errors: Option<JsonText>,
    /// How many items hold WhatsApp's object, if it is too large for the record (`message::large_details`).
    pub details_parts: Option<u32>,
}

/// What a message answers, reacts to, edits, revokes or repeats.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    /// Our id of the message that it is about, if that is a message of the instance.
    #[schema(value_type = Option<String>)]
    pub message_id: Option<MessageId>,
    /// WhatsApp's id of the message that it is about.
    pub provider_id: Option<String>,
    /// Who wrote that message.
    pub from: Option<String>,
    /// Whether it was forwarded.
    pub forwarded: Option<bool>,
    /// Whether it was forwarded more than five times.
    pub frequently_forwarded: Option<bool>,
    /// The product that it is about.
    pub referred_product: Option<ReferredProduct>,
}

/// A product of a catalog.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReferredProduct {
    /// WhatsApp's id of the catalog.
    pub catalog_id: Option<String>,
    /// The retailer's id of the product.
    pub product_retailer_id: Option<String>,
}

/// A group.
#[derive(Serialize, ToSchema)]
pub struct Group<'a> {
    /// WhatsApp's id of it.
    id: &'a str,
}

/// The same as customers see it, in events and in lists.
#[serde_with::skip_serializing_none]
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceivedFields<'a> {
    /// WhatsApp's user id of the sender, such as `BR.13491208655302741918`.
    #[schema(value_type = Option<String>)]
    user_id: Option<&'a UserId>,
    /// The sender's username, without `@`.
    username: Option<&'a str>,
    /// The message that it answers, reacts to, edits, revokes or repeats.
    context: Option<&'a Context>,
    /// The ad that the message came from: WhatsApp's own object.
    #[schema(value_type = Option<HashMap<String, serde_json::Value>>)]
    referral: Option<&'a RawValue>,
    /// Why WhatsApp does not show the message: WhatsApp's own list.
    #[schema(value_type = Option<Vec<HashMap<String, serde_json::Value>>>)]
    errors: Option<&'a RawValue>,
    /// Whether it was written in a group.
    is_group: Option<bool>,
    /// The group that it was written in.
    group: Option<Group<'a>>,
}

impl<'a> ReceivedFields<'a> {
    /// Those of a received message; nothing more is kept of many.
    pub fn new(received: Option<&'a Received>) -> Self {
        let Some(received) = received else { return Self { is_group: Some(false), ..Self::default() } };
        Self {
            user_id: received.user_id.as_ref(),
            username: received.username.as_deref(),
            context: received.context.as_ref(),
            referral: received.referral.as_ref().map(JsonText::json),
            errors: received.errors.as_ref().map(JsonText::json),
            is_group: Some(received.group_id.is_some()),
            group: received.group_id.as_deref().map(|id| Group { id }),
        }
    }
}
