//! `GET /v1/batches`.

use shared::clock;
use shared::ids::BatchId;

use super::batch_response::BatchResponse;
use crate::lookup;
use crate::pagination::{self, CursorPage};
use crate::prelude::*;

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/batches", customer!(MessagesRead, list)).with_query(&[
        "instanceId",
        "after",
        "limit",
    ]),
    id: "listBatches",
    summary: "List batches, newest first",
    describe: |operation| {
        let text = || json!({ "type": "string" });
        let operation = operation.query("instanceId", false, text(), "Only batches of this instance").query(
            "after",
            false,
            text(),
            "The `nextCursor` of a page: what follows it",
        );
        pagination::describe_cursor_page::<BatchResponse<'_>>(operation, BatchResponse::example())
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::any_instance_in_query(state, caller, request).await?.map(|instance| instance.id);
    let (after, limit) = (pagination::time_cursor::<BatchId>(request)?, pagination::limit(request)?);
    let page = state.accounts.batches(caller.account(), instance.as_ref(), after, limit).await.map_err(unavailable)?;
    if let Some(after) = after.filter(|_| !page.is_after_known)
        && !is_forgotten(state, after)
        && !state.accounts.lists_batch(caller.account(), after).await.map_err(unavailable)?
    {
        return Err(pagination::unknown_cursor());
    }
    let rows: Vec<_> = page.batches.iter().map(BatchResponse::new).collect();
    ApiResponse::page(&rows, CursorPage { has_more: page.next.is_some(), next_cursor: page.next })
}

/// Whether the table may have deleted the batch of a cursor since its page: what follows it is as old.
fn is_forgotten(state: &AppState, cursor: &str) -> bool {
    pagination::time_of_cursor(cursor).is_some_and(|created_at| created_at.plus(state.retention) <= clock::now())
}
