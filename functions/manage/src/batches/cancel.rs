//! `DELETE /v1/batches/{batchId}`.

use std::time::Duration;

use shared::account::{ConcurrencyLimit, Operation};
use shared::aws::TableError;
use shared::batch::cancel::cancel_messages;
use shared::batch::{Batch, OpenBatch};
use shared::clock;
use shared::ids::{MessageId, RequestId};
use shared::instance::Instance;
use shared::message::{MAX_PAGE, State};

use super::batch_response::BatchProgressResponse;
use super::get;
use crate::lookup;
use crate::prelude::*;

/// The batches that an account cancels here at once: a large one occupies this function, which all accounts share, for seconds. `settle`
/// cancels the messages of the others.
const CANCELING: ConcurrencyLimit = ConcurrencyLimit { kind: "cancels", max: 2, lease: Duration::from_secs(20) };
/// How long a request cancels messages; `settle` cancels the rest. The function ends after 15 seconds.
const TIME_OF_REQUEST: Duration = Duration::from_secs(5);

pub const CANCEL: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/batches/{batchId}", customer!(MessagesWrite, cancel)),
    id: "cancelBatch",
    summary: "Cancel a batch",
    describe: |operation| {
        operation
            .description(
                "What is still queued is cancelled, and its credits are given back: at once, or of a large batch, or of several, within some minutes. What is being sent, or was sent, stays as it is. \
                 A repeat of the request has the same effect; a batch that is complete is not changed.",
            )
            .answers_data::<BatchProgressResponse<'_>>(200, BatchProgressResponse::example())
            .errors(&[ErrorCode::BatchNotFound])
    },
};

/// Stops a batch first, and then cancels its messages. If this breaks off, takes long or is not begun, `settle` cancels the rest.
async fn cancel(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let batch = lookup::batch(state, caller, request.parameter("batchId")).await?;
    if state.accounts.cancel_batch(&batch, clock::now()).await.map_err(unavailable)? {
        let id = RequestId::generate();
        let operation = Operation { account: caller.account(), subject: batch.id.as_str(), id: id.as_str() };
        let work = tokio::time::timeout(TIME_OF_REQUEST, cancel_queued(state, &batch));
        let done = CANCELING.during(&state.accounts, operation, work).await.map_err(unavailable)?;
        if let Ok(Ok(canceled)) = done {
            canceled.map_err(ApiError::internal)?;
        }
    }
    let batch = lookup::batch(state, caller, request.parameter("batchId")).await?;
    get::answer(state, &batch).await
}

/// The messages of a batch in the order in which they are cancelled. Of those that were enqueued the last is first: it leaves last. Of the
/// others none leaves any more, but for those of a page that is being enqueued at this moment.
fn in_order(mut ids: Vec<MessageId>, enqueued: usize) -> Vec<MessageId> {
    let enqueued = enqueued.min(ids.len());
    ids[..enqueued].reverse();
    ids
}

async fn cancel_queued(state: &AppState, batch: &Batch) -> Result<(), TableError> {
    let open: Option<OpenBatch> = state.accounts.get(OpenBatch::new(batch).key()).await?;
    let ids = in_order(batch.message_ids(), open.map_or(0, |open| open.next.into()));
    let instance = state.accounts.instance(&batch.account_id, &batch.instance_id).await?;
    // A scheduled batch has booked no room.
    let number = instance.as_ref().and_then(Instance::connected_number).filter(|_| batch.send_at.is_none());
    for page in ids.chunks(MAX_PAGE) {
        let found = state.messages.get_batch_without_content_eventually(page).await?;
        let queued = found.into_iter().filter(|message| message.status == State::Queued).map(|message| message.id);
        let queued: Vec<_> = queued.collect();
        let messages = queued.len();
        let canceled = messages - cancel_messages(&state.transitions, &batch.account_id, queued).await?.len();
        if let Some(number) = number.filter(|_| canceled > 0) {
            // For each page: the request may have no time for all of them.
            let room = (number.slots(), canceled);
            state.waiting_slots.release_room(&batch.account_id, &batch.instance_id, room, clock::now()).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_leave_last_is_canceled_first() {
        let ids: Vec<MessageId> = (0..4).map(|byte| MessageId::from_bytes([byte; 16])).collect();
        let of = |enqueued: usize| -> Vec<usize> {
            let place = |id: &MessageId| ids.iter().position(|it| it == id).unwrap_or_default();
            in_order(ids.clone(), enqueued).iter().map(place).collect()
        };
        assert_eq!((of(0), of(3), of(9)), (vec![0, 1, 2, 3], vec![2, 1, 0, 3], vec![3, 2, 1, 0]));
    }
}
