//! The templates that a path names.

use std::time::Duration;

use shared::whatsapp::templates::{Template, is_template_name};
use tokio::time::timeout;

use crate::prelude::*;
use crate::provider::{Connection, RETRY_AFTER, provider_error};

/// The time for all pages of templates with the name in theirs.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// A template's name in the path.
pub fn name(request: ApiRequest<'_>) -> Result<&str, ApiError> {
    Some(request.parameter("name")).filter(|name| is_template_name(name)).ok_or(ErrorCode::TemplateNotFound.into())
}

/// The templates with exactly this name, in one language or in all. There is at least one.
pub async fn named(
    state: &AppState,
    connection: &Connection<'_>,
    name: &str,
    language: Option<&str>,
) -> Result<Vec<Template>, ApiError> {
    let slow = |_| ApiError::unavailable("WhatsApp has too many templates with the name in theirs", RETRY_AFTER);
    let account = (connection.number.business_id.as_str(), &connection.token);
    let found = timeout(LOOKUP_TIMEOUT, state.whatsapp.templates_named(account, name, language)).await.map_err(slow)?;
    let found = found.map_err(provider_error)?.templates;
    if found.is_empty() { Err(ErrorCode::TemplateNotFound.into()) } else { Ok(found) }
}
