//! `POST /v1/templates`.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use shared::http::request_body::{parse_value, required};

use crate::lookup;
use crate::prelude::*;
use crate::provider::{Connection, provider_error};

shared::words! {
    /// The category of a template, by which WhatsApp bills it.
    TemplateCategory = ["MARKETING", "UTILITY", "AUTHENTICATION"];
    /// How the parameters of a template are named: by numbers or by names.
    ParameterFormat = ["positional", "named"];
}

/// WhatsApp's own body of a template, and the instance for whose business account it is. More of WhatsApp's fields are
/// passed on.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used: a body may have more of WhatsApp's fields")]
struct CreateTemplateRequest {
    /// The instance for whose business account it is.
    #[schema(rename = "instanceId")]
    instance_id: String,
    /// Small letters, digits and `_`.
    name: String,
    /// Such as `pt_BR`.
    language: String,
    /// Its category.
    #[schema(value_type = TemplateCategory)]
    category: String,
    /// Its header, body, footer and buttons, in WhatsApp's own form, with examples of the parameters.
    #[schema(value_type = Vec<HashMap<String, Value>>)]
    components: Vec<Value>,
    /// How its parameters are named.
    #[schema(value_type = Option<ParameterFormat>)]
    parameter_format: Option<String>,
}

/// The template that was created.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreateTemplateResponse<'a> {
    /// WhatsApp's id of it.
    id: &'a str,
    /// WhatsApp's word, such as `PENDING`.
    status: Option<&'a str>,
    /// The category that WhatsApp chose.
    category: Option<&'a str>,
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/templates", customer!(MessagesWrite, create)),
    id: "createTemplate",
    summary: "Create a message template",
    describe: |operation| {
        let body = json!({
            "instanceId": "inst_abc123", "name": "order_sent", "language": "en_US", "category": "UTILITY",
            "components": [{ "type": "BODY", "text": "Hi {{1}}", "example": { "body_text": [["Ana"]] } }],
        });
        let created = json!({ "id": "1689556908129832", "status": "PENDING", "category": "UTILITY" });
        operation
            .description(
                "Asks WhatsApp to approve a template, which takes minutes to a day: `template.updated` says so.",
            )
            .body::<CreateTemplateRequest>(true, &[("utility", body)])
            .answers_data::<CreateTemplateResponse<'_>>(201, created)
            .errors(&[
                ErrorCode::InvalidRequest,
                ErrorCode::InstanceNotFound,
                ErrorCode::InstanceDisconnected,
                ErrorCode::ProviderError,
            ])
    },
};

async fn create(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let mut body: BTreeMap<String, Box<RawValue>> = request.body()?;
    let instance = required(body.remove("instanceId"), "instanceId", "the instance whose templates it joins")?;
    let instance: String = parse_value("instanceId", &instance)?;
    for field in ["name", "language", "category"] {
        let text: String = parse_value(field, required(body.get(field), field, "a text, as WhatsApp describes it")?)?;
        if text.is_empty() {
            return Err(ApiError::invalid(field, format!("`{field}` must not be empty.")));
        }
    }
    let components = required(body.get("components"), "components", "WhatsApp's own list")?;
    let _: Vec<IgnoredAny> = parse_value("components", components)?;
    let instance = lookup::instance_with_id(state, caller, &instance).await?;
    let Connection { number, token } = Connection::new(state, &instance).await?;
    let created = state.whatsapp.create_template(&number.business_id, &token, &body).await.map_err(provider_error)?;
    tracing::info!(instance_id = %instance.id, "template.created");
    ApiResponse::created(&CreateTemplateResponse {
        id: &created.id,
        status: created.status.as_deref(),
        category: created.category.as_deref(),
    })
}
