//! The event that nothing of a batch is left to be sent.

use serde::Serialize;
use utoipa::ToSchema;

use crate::batch::counts::BatchCounts;
use crate::batch::record::Batch;
use crate::clock::Timestamp;
use crate::event::Event;
use crate::http::EventDescription;

/// The name of the event.
pub const COMPLETED: &str = "batch.completed";

/// The data of `batch.completed`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BatchCompletedData)]
struct CompletedData<'a> {
    /// The batch.
    batch_id: &'a str,
    /// The instance that it left from.
    instance_id: &'a str,
    /// Messages that were accepted.
    accepted: u16,
    /// Its messages by their status at this time; those that were sent go on.
    counts: &'a BatchCounts,
    /// Whether it was cancelled.
    canceled: bool,
    /// When nothing of it was left to be sent.
    #[schema(format = DateTime)]
    timestamp: String,
}

/// The event of a batch that is complete.
pub(super) fn completed(batch: &Batch, counts: &BatchCounts, at: Timestamp) -> Event {
    let data = CompletedData {
        batch_id: batch.id.as_str(),
        instance_id: batch.instance_id.as_str(),
        accepted: batch.accepted,
        counts,
        canceled: batch.canceled_at.is_some(),
        timestamp: at.to_string(),
    };
    Event::new((&batch.account_id, &batch.instance_id), COMPLETED, batch.id.as_str(), at, data)
}

/// The description of the event.
pub fn description() -> EventDescription {
    EventDescription::new::<CompletedData<'_>>(COMPLETED, "Nothing of a batch is left to be sent")
}
