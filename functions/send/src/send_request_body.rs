//! The bodies of requests to send, as the contract has them.
//!
//! The schema's limits are repeated as literals, which `utoipa` requires; a test holds them to the limits that are checked.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::http::ApiError;
use shared::ids::InstanceId;
use shared::message::MediaType;
use shared::whatsapp::message_types::{ContactCard, Interactive, Location, TemplateComponent};
use std::borrow::Cow;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The field that names the instance.
const INSTANCE_ID: &str = "instanceId";

/// The body of `POST /v1/messages/send`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SendBody)]
pub struct SendRequestBody {
    /// The instance to send from.
    #[schema(required = true, value_type = String)]
    pub instance_id: Option<String>,
    /// The recipient: a phone number in international format, digits only, such as `5511999999999`, or a user id of
    /// WhatsApp's, such as `BR.13491208655302741918`.
    #[schema(required = true, value_type = String, pattern = "^([1-9][0-9]{6,14}|[A-Z]{2}[.](ENT[.])?[A-Za-z0-9]{1,128})$")]
    pub to: Option<String>,
    /// A text of at most 4,096 characters.
    #[schema(max_length = 4096)]
    pub message: Option<String>,
    /// The public URL of a file, which WhatsApp fetches. At most 2,048 bytes.
    #[schema(max_length = 2048, pattern = "^https?://")]
    pub media_url: Option<String>,
    /// The id of a file that was uploaded (`POST /v1/media`) for this instance within the last 29 days.
    pub media_id: Option<String>,
    /// How WhatsApp shows the file. Required with `mediaUrl` and `mediaId`.
    #[schema(value_type = Option<MediaType>)]
    pub media_type: Option<String>,
    /// The name that WhatsApp shows for a document. At most 255 characters; only with `mediaType` document.
    #[schema(max_length = 255)]
    pub filename: Option<String>,
    /// A text below an image, a video or a document. At most 1,024 characters.
    #[schema(max_length = 1024)]
    pub caption: Option<String>,
    /// The message to reply to: its `messageId`, or WhatsApp's id of it, `wamid.…`.
    pub quoted_message_id: Option<String>,
    /// A JSON object of your own, which every event of the message repeats, and its history shows. At most 4,096 bytes.
    #[schema(value_type = Option<HashMap<String, serde_json::Value>>)]
    pub metadata: Option<Box<RawValue>>,
    /// Your own number of the message, such as an order's: `GET /v1/messages?reference=` finds it. 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    pub reference: Option<String>,
    /// Seconds for which the message may wait to be sent; then it fails as `expired` and its credit is refunded.
    #[schema(minimum = 1, maximum = 86_400, default = 86_400)]
    pub expires_in: Option<u64>,
    /// When to send it, at most 30 days ahead: RFC 3339 with an offset. Until then it is `scheduled` and can be cancelled;
    /// `expiresIn` counts from then.
    #[schema(format = DateTime)]
    pub send_at: Option<String>,
    /// A template that WhatsApp has approved: what may be sent to a person who has not written for 24 hours.
    pub template: Option<TemplateBody>,
    /// Whether WhatsApp shows a preview of the first URL in `message`.
    #[schema(default = true)]
    pub preview_url: Option<bool>,
    /// A message that people answer with a tap: buttons, a menu, a form, products, cards.
    #[schema(value_type = Option<Interactive>)]
    pub interactive: Option<Box<RawValue>>,
    /// A place on the map.
    #[schema(value_type = Option<Location>)]
    pub location: Option<Box<RawValue>>,
    /// Cards of 1 to 257 people to save.
    #[schema(value_type = Option<Vec<ContactCard>>, min_items = 1, max_items = 257)]
    pub contacts: Option<Box<RawValue>>,
    /// An emoji on a message, or its removal.
    pub reaction: Option<ReactionBody>,
}

/// The contract's `template`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateBody {
    /// The name of the template. At most 512 characters.
    #[schema(min_length = 1, max_length = 512)]
    pub name: String,
    /// The language of the template, such as `pt_BR`.
    #[schema(min_length = 1, max_length = 512)]
    pub language: String,
    /// The values of its parameters, in WhatsApp's own form. Required if the template has parameters.
    #[schema(value_type = Option<Vec<TemplateComponent>>)]
    pub components: Option<Box<RawValue>>,
}

/// The contract's `reaction`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReactionBody {
    /// The message to react to: its `messageId`, or WhatsApp's id of it, `wamid.…`.
    pub message_id: String,
    /// One emoji; empty to remove the reaction.
    #[schema(max_length = 32)]
    pub emoji: String,
}

/// The body of a request to an inbound URL: the same without `instanceId`, since the URL has an instance of its own.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct InboundSendRequestBody(SendRequestBody);

impl InboundSendRequestBody {
    /// The same request with the URL's instance.
    pub fn with_instance(self, instance: &InstanceId) -> Result<SendRequestBody, ApiError> {
        if self.0.instance_id.is_some() {
            let message = "`instanceId` is not a field of this request, whose URL has an instance: remove it.";
            return Err(ApiError::invalid("instanceId", message));
        }
        Ok(SendRequestBody { instance_id: Some(instance.to_string()), ..self.0 })
    }
}

impl PartialSchema for InboundSendRequestBody {
    fn schema() -> RefOr<Schema> {
        let mut schema = SendRequestBody::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.properties.shift_remove(INSTANCE_ID);
            object.required.retain(|field| field != INSTANCE_ID);
        }
        schema
    }
}

impl ToSchema for InboundSendRequestBody {
    fn name() -> Cow<'static, str> {
        "InboundSendBody".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        SendRequestBody::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::whatsapp::{MAX_CAPTION, MAX_TEXT};

    use super::*;

    #[test]
    fn the_schemas_state_the_limits_that_are_checked() {
        for schema in [json!(SendRequestBody::schema()), json!(InboundSendRequestBody::schema())] {
            let limit = |field: &str| -> &Value { &schema["properties"][field]["maxLength"] };
            assert_eq!((limit("message"), limit("caption")), (&json!(MAX_TEXT), &json!(MAX_CAPTION)));
        }
    }
}
