//! `GET /v1/chats/{chatId}`.

use shared::alias::Alias;
use shared::message::CHAT_ID_PREFIX;
use shared::message::record_keys::conversation_key;

use super::chat_response::ChatResponse;
use crate::lookup;
use crate::prelude::*;

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/chats/{chatId}", customer!(MessagesRead, get)).with_query(&["instanceId"]),
    id: "getChat",
    summary: "Get a conversation with a person",
    describe: |operation| {
        operation
            .description(
                "When the person last wrote or called, and until when WhatsApp's 24-hour window is open: outside it only \
                 templates are delivered. The `chatId` of a message, or of any phone number or user id of the person, names the \
                 conversation.",
            )
            .query("instanceId", true, json!({ "type": "string" }), "The instance")
            .answers_data::<ChatResponse>(200, ChatResponse::example())
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound, ErrorCode::ChatNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance_in_query(state, caller, request).await?.id;
    let alias = request.parameter("chatId").strip_prefix(CHAT_ID_PREFIX).and_then(|alias| alias.parse::<Alias>().ok());
    let alias = alias.ok_or(ErrorCode::ChatNotFound)?;
    let contact = state.contacts.resolve(&instance, &alias).await.map_err(unavailable)?;
    if !contact.is_stored() {
        // Somebody who was written to and of whom WhatsApp has said nothing, or who wrote before this was kept.
        let key = conversation_key(&instance, alias.as_str());
        let first = state.messages.first_at(&key).await.map_err(unavailable)?;
        first.ok_or(ErrorCode::ChatNotFound)?;
    }
    ApiResponse::ok(&ChatResponse::new(&instance, contact))
}
