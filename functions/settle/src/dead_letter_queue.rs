//! The queue of `deliver`'s dead letters. The schedule receives them: there are hardly ever any, and Lambda's polling of an
//! empty queue would cost 0.33 dollars a month (docs/adr/0046).

use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::SqsEvent;
use shared::aws::ProcessingError;
use shared::aws::config::LONGEST_CALL;

use crate::settler::Settler;
use crate::sqs_batch;

/// Processes dead letters until none is left, or until there is too little time: the next minute continues. What cannot be settled
/// is hidden for the queue's visibility timeout, longer than a run, so that no run meets it twice.
pub async fn drain(settler: &Settler, deadline: SystemTime) -> Result<(), ProcessingError> {
    while SystemTime::now() + LONGEST_CALL < deadline {
        let mut letters = SqsEvent::default();
        letters.records = settler.dead_letters.receive(Duration::ZERO).await?;
        if letters.records.is_empty() {
            break;
        }
        let failed = sqs_batch::process(settler, &letters).await.batch_item_failures;
        let is_settled =
            |id: &Option<String>| failed.iter().all(|failure| Some(&failure.item_identifier) != id.as_ref());
        let settled = letters.records.into_iter().filter(|letter| is_settled(&letter.message_id));
        let receipts: Vec<_> = settled.filter_map(|letter| letter.receipt_handle).collect();
        settler.dead_letters.delete(&receipts).await?;
    }
    Ok(())
}
