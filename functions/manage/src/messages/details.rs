//! `GET /v1/messages/{messageId}/details`.

use serde_json::value::RawValue;

use crate::lookup;
use crate::prelude::*;

/// WhatsApp's own object of a received message.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = serde_json::Value)]
struct DetailsResponse<'a>(&'a RawValue);

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/messages/{messageId}/details", customer!(MessagesRead, get)),
    id: "getMessageDetails",
    summary: "Get WhatsApp's object of a received message",
    describe: |operation| {
        let order = json!({ "catalog_id": "354160437058781", "product_items": [{ "product_retailer_id": "SKU-1" }] });
        operation
            .description(
                "The whole `details` of a message that was received. Lists and events contain it up to 64 KB, and \
                 `detailsUrl` in place of a larger one.",
            )
            .answers_data::<DetailsResponse<'_>>(200, order)
            .errors(&[ErrorCode::MessageNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let message = lookup::message(state, caller, request).await?;
    let details = state.messages.details(&message).await.map_err(unavailable)?;
    let details = details.ok_or_else(|| {
        ApiError::new(ErrorCode::MessageNotFound, "This message has no `details`: its content is in its other fields.")
    })?;
    ApiResponse::ok(&DetailsResponse(details.json()))
}
