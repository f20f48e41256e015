//! The templates that a path names.

use shared::whatsapp::templates::{Template, TemplateQuery};

use crate::prelude::*;
use crate::provider::{Connection, provider_error};

/// Characters of a template's name (whatsapp-cloud-api-2026, section 7).
const MAX_NAME: usize = 512;
/// The most templates that are asked for by a part of their name: those of one name in all of WhatsApp's languages.
const MAX_FOUND: usize = 200;

/// A template's name in the path.
pub fn name(request: ApiRequest<'_>) -> Result<&str, ApiError> {
    let name = request.parameter("name");
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(is_name) {
        return Err(ErrorCode::TemplateNotFound.into());
    }
    Ok(name)
}

/// The templates with exactly this name, in one language or in all. There is at least one.
pub async fn named(
    state: &AppState,
    connection: &Connection<'_>,
    name: &str,
    language: Option<&str>,
) -> Result<Vec<Template>, ApiError> {
    let query = TemplateQuery { name: Some(name), language, limit: MAX_FOUND, ..TemplateQuery::default() };
    let (business, token) = (&connection.number.business_id, &connection.token);
    let page = state.whatsapp.templates(business, token, &query).await.map_err(provider_error)?;
    // WhatsApp finds parts of names as well.
    let is_named = |it: &Template| it.name == name && language.is_none_or(|language| it.language == language);
    let found: Vec<Template> = page.templates.into_iter().filter(is_named).collect();
    if found.is_empty() { Err(ErrorCode::TemplateNotFound.into()) } else { Ok(found) }
}
