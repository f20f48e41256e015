//! `template`: a text that WhatsApp has approved, with parameters.

use serde_json::value::RawValue;

use crate::http::ApiError;
use crate::message::Content;
use crate::whatsapp::message_types::bounded::check_length;
use crate::whatsapp::message_types::portable_json;

/// Characters of a template's name and language (whatsapp-cloud-api, Send).
const MAX_NAME: usize = 512;

/// A template with its components: a list in WhatsApp's own form.
pub fn parse_template(name: String, language: String, components: Option<Box<RawValue>>) -> Result<Content, ApiError> {
    for (field, value) in [("template.name", &name), ("template.language", &language)] {
        check_length(field, value, MAX_NAME)?;
        if value.is_empty() {
            return Err(ApiError::invalid(field, format!("`{field}` must not be empty.")));
        }
    }
    if let Some(components) = &components {
        const FIELD: &str = "template.components";
        if !components.get().starts_with('[') {
            return Err(ApiError::invalid(FIELD, "`template.components` must be an array, in WhatsApp's own form."));
        }
        portable_json::check(FIELD, components).map_err(|error| ApiError { field: Some(FIELD.to_owned()), ..error })?;
    }
    Ok(Content::Template { name, language, components: components.map(Into::into) })
}
