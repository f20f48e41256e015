//! The bodies of requests to send, as the contract has them.
//!
//! The schema's limits are repeated as literals, which `utoipa` requires; a test holds them to the limits that are checked.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::http::ApiError;
use shared::ids::InstanceId;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The field that names the instance.
const INSTANCE_ID: &str = "instanceId";

/// The body of `POST /v1/messages/send`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SendBody)]
pub struct SendRequestBody {
    #[schema(required = true, value_type = String)]
    pub instance_id: Option<String>,
    #[schema(required = true, value_type = String, pattern = "^([1-9][0-9]{6,14}|[A-Z]{2}[.](ENT[.])?[A-Za-z0-9]{1,128})$")]
    pub to: Option<String>,
    #[schema(max_length = 4096)]
    pub message: Option<String>,
    #[schema(max_length = 2048, pattern = "^https?://")]
    pub media_url: Option<String>,
    /// A file that was uploaded.
    pub media_id: Option<String>,
    pub media_type: Option<String>,
    #[schema(max_length = 255)]
    pub filename: Option<String>,
    #[schema(max_length = 1024)]
    pub caption: Option<String>,
    pub quoted_message_id: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
    /// The customer's own number of the message, such as an order's.
    #[schema(min_length = 1, max_length = 64)]
    pub reference: Option<String>,
    #[schema(minimum = 1, maximum = 86_400)]
    pub expires_in: Option<u64>,
    pub template: Option<TemplateBody>,
    pub preview_url: Option<bool>,
    /// WhatsApp's own object.
    #[schema(value_type = Option<Object>)]
    pub interactive: Option<Box<RawValue>>,
    /// WhatsApp's own object.
    #[schema(value_type = Option<Object>)]
    pub location: Option<Box<RawValue>>,
    /// WhatsApp's own list.
    #[schema(value_type = Option<Vec<Object>>)]
    pub contacts: Option<Box<RawValue>>,
    pub reaction: Option<ReactionBody>,
}

/// The contract's `template`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateBody {
    pub name: String,
    pub language: String,
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    pub components: Option<Box<RawValue>>,
}

/// The contract's `reaction`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReactionBody {
    pub message_id: String,
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
