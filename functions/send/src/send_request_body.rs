//! The bodies of requests to send, as the contract has them.
//!
//! The schema's limits are repeated as literals, which `utoipa` requires; a test holds them to the limits that are checked.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::ids::InstanceId;
use utoipa::ToSchema;

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
    pub media_type: Option<String>,
    #[schema(max_length = 255)]
    pub filename: Option<String>,
    #[schema(max_length = 1024)]
    pub caption: Option<String>,
    pub quoted_message_id: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
    #[schema(minimum = 1, maximum = 86_400)]
    pub expires_in: Option<u64>,
    pub template: Option<TemplateBody>,
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

/// The body of a request to an inbound URL, which has an instance of its own.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = InboundSendBody)]
pub struct InboundSendRequestBody {
    #[schema(required = true, value_type = String, pattern = "^([1-9][0-9]{6,14}|[A-Z]{2}[.](ENT[.])?[A-Za-z0-9]{1,128})$")]
    to: Option<String>,
    #[schema(max_length = 4096)]
    message: Option<String>,
    #[schema(max_length = 2048, pattern = "^https?://")]
    media_url: Option<String>,
    media_type: Option<String>,
    #[schema(max_length = 255)]
    filename: Option<String>,
    #[schema(max_length = 1024)]
    caption: Option<String>,
}

impl InboundSendRequestBody {
    /// The same request with the URL's instance.
    pub fn with_instance(self, instance: &InstanceId) -> SendRequestBody {
        let Self { to, message, media_url, media_type, filename, caption } = self;
        SendRequestBody {
            instance_id: Some(instance.to_string()),
            to,
            message,
            media_url,
            media_type,
            filename,
            caption,
            ..SendRequestBody::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::whatsapp::{MAX_CAPTION, MAX_TEXT};
    use utoipa::PartialSchema as _;

    use super::*;

    #[test]
    fn the_schemas_state_the_limits_that_are_checked() {
        for schema in [json!(SendRequestBody::schema()), json!(InboundSendRequestBody::schema())] {
            let limit = |field: &str| -> &Value { &schema["properties"][field]["maxLength"] };
            assert_eq!((limit("message"), limit("caption")), (&json!(MAX_TEXT), &json!(MAX_CAPTION)));
        }
    }
}
