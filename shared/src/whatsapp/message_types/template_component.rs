//! The schema of a template's components, whose parameters are checked against the template itself.

use std::collections::HashMap;

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, Schema, Type};

/// The values of the parameters of one part of a template, in WhatsApp's own form. WhatsApp's other members are passed on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used: WhatsApp's form is passed on")]
pub struct TemplateComponent {
    /// Which part of the template it is for, in small or capital letters, such as `header`, `body`, `button` or `carousel`.
    r#type: String,
    /// Which kind of button it is for, such as `url`, `quick_reply` or `copy_code`.
    sub_type: Option<String>,
    /// The place of the button, counted from 0.
    #[schema(schema_with = index)]
    index: Option<String>,
    /// The values, in the order of the template's parameters: WhatsApp's own objects, such as `{"type":"text","text":"Ana"}`.
    parameters: Option<Vec<HashMap<String, Value>>>,
    /// The cards of a carousel, each with its components: WhatsApp's own objects.
    cards: Option<Vec<HashMap<String, Value>>>,
}

/// A number, or a text of digits: clients write both.
fn index() -> Schema {
    let types = SchemaType::from_iter([Type::Integer, Type::String]);
    let description = "The place of the button, counted from 0: a number, or a text of digits.";
    ObjectBuilder::new().schema_type(types).description(Some(description)).into()
}
