//! A template as customers see it.

use serde_json::value::RawValue;
use shared::whatsapp::templates::Template;

use crate::prelude::*;

/// A template.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateResponse<'a> {
    /// WhatsApp's id of it.
    id: &'a str,
    /// Its name.
    name: &'a str,
    /// Its language, such as `pt_BR`.
    language: &'a str,
    /// WhatsApp's word, such as `APPROVED`.
    status: Option<&'a str>,
    /// WhatsApp's word, such as `MARKETING`.
    category: Option<&'a str>,
    /// WhatsApp's word, such as `ORDER_STATUS`.
    sub_category: Option<&'a str>,
    /// WhatsApp's word, such as `GREEN`.
    quality: Option<&'a str>,
    /// `POSITIONAL` or `NAMED`.
    parameter_format: Option<&'a str>,
    /// The names of the parameters in its texts: numbers, unless they are named.
    parameters: Vec<String>,
    /// WhatsApp's own list.
    #[schema(value_type = Option<Vec<HashMap<String, Value>>>)]
    components: Option<&'a RawValue>,
    /// Why WhatsApp rejected it.
    rejected_reason: Option<&'a str>,
}

impl<'a> TemplateResponse<'a> {
    /// A template of WhatsApp's.
    pub fn new(template: &'a Template) -> Self {
        Self {
            id: &template.id,
            name: &template.name,
            language: &template.language,
            status: template.status.as_deref(),
            category: template.category.as_deref(),
            sub_category: template.sub_category.as_deref(),
            quality: template.quality.as_deref(),
            parameter_format: template.parameter_format.as_deref(),
            parameters: template.parameters().into_iter().collect(),
            components: template.components.as_deref(),
            rejected_reason: template.rejected_reason.as_deref().filter(|reason| *reason != "NONE"),
        }
    }

    /// An example.
    pub fn example() -> Value {
        json!({
            "id": "1689556908129832", "name": "welcome", "language": "pt_BR", "status": "APPROVED",
            "category": "UTILITY", "quality": "GREEN", "parameterFormat": "POSITIONAL", "parameters": ["1"],
            "components": [{ "type": "BODY", "text": "Olá, {{1}}!" }],
        })
    }
}
