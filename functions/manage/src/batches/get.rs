//! `GET /v1/batches/{batchId}`.

use std::time::Duration;

use shared::aws::TableError;
use shared::batch::{Batch, BatchProgress};
use shared::clock::{self, Timestamp};
use shared::instance::Instance;
use shared::message::MAX_PAGE;

use super::batch_response::BatchProgressResponse;
use crate::lookup;
use crate::prelude::*;

/// How long the count of a batch of more than a page of records is shown again: it costs up to 1,000 reads, for a request that an account may
/// make thousands of times a minute.
const COUNTED_FOR: Duration = Duration::from_secs(3);

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/batches/{batchId}", customer!(MessagesRead, get)),
    id: "getBatch",
    summary: "Get a batch and its progress",
    describe: |operation| {
        operation
            .description("Its messages are counted when you ask, those of a batch of more than 100 recipients every three seconds. \
                 `GET /v1/messages?batchId=` lists them.")
            .answers_data::<BatchProgressResponse<'_>>(200, BatchProgressResponse::example())
            .errors(&[ErrorCode::BatchNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let batch = lookup::batch(state, caller, request.parameter("batchId")).await?;
    answer(state, &batch).await
}

/// Answers with a batch and its progress.
pub async fn answer(state: &AppState, batch: &Batch) -> ApiResult {
    let now = clock::now();
    let progress = count(state, batch, now).await.map_err(unavailable)?;
    let estimated_end = match batch.completed_at.or(batch.canceled_at) {
        Some(_) => None,
        None => estimated_end(state, batch, now).await.map_err(unavailable)?,
    };
    ApiResponse::ok(&BatchProgressResponse::new(batch, &progress, estimated_end))
}

async fn count(state: &AppState, batch: &Batch, now: Timestamp) -> Result<BatchProgress, TableError> {
    let key = (batch.id.clone(), batch.completed_at.or(batch.canceled_at)); // what has ended is counted anew
    if let Some(progress) = state.batch_counts.get(&key) {
        return Ok(progress);
    }
    let progress = BatchProgress::read(batch, &state.messages, now).await?;
    if usize::from(batch.recipients) > MAX_PAGE {
        state.batch_counts.put(key, progress, COUNTED_FOR);
    }
    Ok(progress)
}

/// When the last message of a batch will have been sent, if the open batches of its instance take turns until then.
async fn estimated_end(state: &AppState, batch: &Batch, now: Timestamp) -> Result<Option<Timestamp>, TableError> {
    let open = state.accounts.open_batches(&batch.account_id, &batch.instance_id).await?;
    let Some(own) = open.iter().find(|open| open.id == batch.id) else { return Ok(None) };
    let instance = state.accounts.instance(&batch.account_id, &batch.instance_id).await?;
    let Some(number) = instance.as_ref().and_then(Instance::connected_number) else { return Ok(None) };
    let begin = batch.send_at.map_or(now, |send_at| send_at.max(now));
    let others = open.iter().filter(|other| !other.is_canceled && other.send_at.is_none_or(|at| at <= begin));
    let before: u64 = others.map(|other| u64::from(other.left().min(own.left()))).sum();
    let interval = u64::try_from(number.slots().batch().interval).unwrap_or_default();
    let wait = Duration::from_micros(before.saturating_mul(interval));
    Ok(match (own.left(), own.looks) {
        (0, 0) => Some(Timestamp::from_millis(own.due).max(now)),
        (0, _) => None, // what has had its slot and has not left waits for something else
        _ => Some(begin.plus(wait)),
    })
}
