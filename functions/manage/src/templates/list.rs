//! `GET /v1/templates` and `GET /v1/templates/{name}`.

use shared::whatsapp::templates::TemplateQuery;

use super::find;
use super::template_response::TemplateResponse;
use crate::lookup;
use crate::pagination::{self, CursorPage};
use crate::prelude::*;
use crate::provider::{Connection, provider_error};

/// The longest filter or cursor, in bytes.
const MAX_PARAMETER: usize = 1024;

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/templates", customer!(MessagesRead, list)).with_query(&[
        "instanceId",
        "name",
        "status",
        "language",
        "after",
        "limit",
    ]),
    id: "listTemplates",
    summary: "List message templates",
    describe: |operation| {
        let text = || json!({ "type": "string" });
        let operation = operation
            .description("The templates of the instance's business account, as WhatsApp has them now.")
            .query("instanceId", true, text(), "The instance")
            .query("name", false, text(), "Only templates with this in their name")
            .query("status", false, text(), "Only templates with this status, such as APPROVED")
            .query("language", false, text(), "Only templates in this language, such as pt_BR")
            .query("after", false, text(), "The `nextCursor` of the page before");
        pagination::describe_cursor_page::<TemplateResponse<'_>>(operation, TemplateResponse::example()).errors(&[
            ErrorCode::InvalidRequest,
            ErrorCode::InstanceNotFound,
            ErrorCode::InstanceDisconnected,
            ErrorCode::ProviderError,
        ])
    },
};

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/templates/{name}", customer!(MessagesRead, get))
        .with_query(&["instanceId", "language"]),
    id: "getTemplate",
    summary: "Get a message template",
    describe: |operation| {
        let text = || json!({ "type": "string" });
        operation
            .query("instanceId", true, text(), "The instance")
            .query("language", false, text(), "The language, if there are several, such as pt_BR")
            .answers_data::<TemplateResponse<'_>>(200, TemplateResponse::example())
            .errors(&[
                ErrorCode::InvalidRequest,
                ErrorCode::InstanceNotFound,
                ErrorCode::TemplateNotFound,
                ErrorCode::InstanceDisconnected,
                ErrorCode::ProviderError,
            ])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let limit = pagination::limit(request)?;
    for name in ["name", "status", "language", "after"] {
        if request.query(name).is_some_and(|value| value.len() > MAX_PARAMETER) {
            return Err(ApiError::invalid(name, format!("`{name}` must have at most {MAX_PARAMETER} bytes.")));
        }
    }
    let instance = lookup::instance_in_query(state, caller, request).await?;
    let connection = Connection::new(state, &instance).await?;
    let query = TemplateQuery {
        name: request.query("name"),
        status: request.query("status"),
        language: request.query("language"),
        limit,
        after: request.query("after"),
    };
    let (business, token) = (&connection.number.business_id, &connection.token);
    let page = state.whatsapp.templates(business, token, &query).await.map_err(provider_error)?;
    let rows: Vec<_> = page.templates.iter().map(TemplateResponse::new).collect();
    ApiResponse::page(&rows, CursorPage { has_more: page.next.is_some(), next_cursor: page.next })
}

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let (name, language) = (find::name(request)?, request.query("language"));
    let instance = lookup::instance_in_query(state, caller, request).await?;
    let connection = Connection::new(state, &instance).await?;
    let found = find::named(state, &connection, name, language).await?;
    if let [template] = found.as_slice() {
        return ApiResponse::ok(&TemplateResponse::new(template));
    }
    let languages: Vec<&str> = found.iter().map(|template| template.language.as_str()).collect();
    let message = format!("`language` is required, as the template has several: {}.", languages.join(", "));
    Err(ApiError::invalid("language", message))
}
