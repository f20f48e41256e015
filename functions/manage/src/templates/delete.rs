//! `DELETE /v1/templates/{name}`.

use shared::clock;
use shared::instance::TemplateKey;

use super::find;
use crate::lookup;
use crate::prelude::*;
use crate::provider::{Connection, provider_error};

pub const DELETE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/templates/{name}", customer!(MessagesWrite, delete))
        .with_query(&["instanceId", "language"]),
    id: "deleteTemplate",
    summary: "Delete a message template",
    describe: |operation| {
        let text = || json!({ "type": "string" });
        operation
            .description("In one language, or in all. WhatsApp keeps the name of an approved one taken for 30 days.")
            .query("instanceId", true, text(), "The instance")
            .query("language", false, text(), "Only in this language, such as pt_BR")
            .answers_nothing()
            .errors(&[
                ErrorCode::InvalidRequest,
                ErrorCode::InstanceNotFound,
                ErrorCode::TemplateNotFound,
                ErrorCode::InstanceDisconnected,
                ErrorCode::ProviderError,
            ])
    },
};

async fn delete(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let (name, language) = (find::name(request)?, request.query("language"));
    let instance = lookup::instance_in_query(state, caller, request).await?;
    let connection = Connection::new(state, &instance).await?;
    let found = find::named(state, &connection, name, language).await?;
    // With an id, WhatsApp deletes that language alone.
    let id = language.and_then(|_| found.first()).map(|template| template.id.as_str());
    let (business, token) = (&connection.number.business_id, &connection.token);
    let deleted = state.whatsapp.delete_template(business, token, (name, id)).await.map_err(provider_error)?;
    if !deleted {
        return Err(ApiError::new(ErrorCode::ProviderError, "WhatsApp declined to delete the template."));
    }
    let (account_id, business_id) = (instance.account_id.clone(), business.clone());
    let key = TemplateKey { account_id, business_id, name: name.to_owned() };
    if let Err(error) = state.accounts.note_template_change(&key, clock::now()).await {
        tracing::warn!(%error, "template_copy.write_failed"); // it is too old in five minutes
    }
    tracing::info!(instance_id = %instance.id, "template.deleted");
    Ok(ApiResponse::no_content())
}
