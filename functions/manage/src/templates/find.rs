//! The templates that a path names.

use std::time::Duration;

use shared::whatsapp::templates::{Template, TemplateQuery};
use tokio::time::timeout;

use crate::prelude::*;
use crate::provider::{Connection, RETRY_AFTER, provider_error};

/// Characters of a template's name (whatsapp-cloud-api-2026, section 7).
const MAX_NAME: usize = 512;
/// Templates of one page.
const PAGE: usize = 200;
/// The time for all pages: a business account has up to 6,000 templates, and all may have this one's name in theirs.
const TIME: Duration = Duration::from_secs(10);

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
    let slow = |_| ApiError::unavailable("WhatsApp has too many templates with the name in theirs", RETRY_AFTER);
    let found = timeout(TIME, all_named(state, connection, name, language)).await.map_err(slow)??;
    if found.is_empty() { Err(ErrorCode::TemplateNotFound.into()) } else { Ok(found) }
}

/// WhatsApp finds parts of names as well, so the one that is meant may be on a later page.
async fn all_named(
    state: &AppState,
    connection: &Connection<'_>,
    name: &str,
    language: Option<&str>,
) -> Result<Vec<Template>, ApiError> {
    let (business, token) = (&connection.number.business_id, &connection.token);
    let is_named = |it: &Template| it.name == name && language.is_none_or(|language| it.language == language);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let query = TemplateQuery { name: Some(name), language, limit: PAGE, after: after.as_deref(), status: None };
        let page = state.whatsapp.templates(business, token, &query).await.map_err(provider_error)?;
        found.extend(page.templates.into_iter().filter(is_named));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
