//! `DELETE /v1/listeners/{listenerId}`.

use shared::ids::ListenerId;

use crate::prelude::*;

pub const DELETE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/listeners/{listenerId}", customer!(MessagesRead, delete)),
    id: "deleteListener",
    summary: "End a listener",
    describe: |operation| {
        operation
            .description(
                "Its place is free for another one at once; without this call it ends 60 seconds after its last poll. One that has ended \
                 already is answered in the same way.",
            )
            .answers_nothing()
            .errors(&[ErrorCode::ListenerNotFound])
    },
};

async fn delete(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let id: ListenerId = request.id("listenerId", ErrorCode::ListenerNotFound)?;
    state.accounts.delete_listener(caller.account(), &id).await.map_err(ApiError::internal)?;
    Ok(ApiResponse::no_content())
}
