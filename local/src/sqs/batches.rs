//! Batches: what they must be as a whole, and then each entry on its own.

use std::collections::HashSet;

use rustack_sqs_model::input::{ChangeMessageVisibilityBatchInput, DeleteMessageBatchInput, SendMessageBatchInput};
use rustack_sqs_model::output::{ChangeMessageVisibilityBatchOutput, DeleteMessageBatchOutput, SendMessageBatchOutput};
use rustack_sqs_model::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchResultEntry, DeleteMessageBatchResultEntry,
    SendMessageBatchResultEntry,
};

use super::error::{ErrorCode, SqsError};
use super::message::{md5_of, md5_of_attributes};
use super::outgoing::Outgoing;
use super::queue::Queue;
use super::queues::Sqs;

/// The most entries of a batch, and the most bytes of all its messages together.
const MAX_ENTRIES: usize = 10;
const MAX_BYTES: usize = 1_048_576;

impl Sqs {
    pub(super) fn send_batch(&self, input: SendMessageBatchInput) -> Result<SendMessageBatchOutput, SqsError> {
        let queue = self.queue(&input.queue_url)?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()), "SendMessageBatchRequestEntry")?;
        let entries = input.entries.into_iter().map(|entry| (entry.id.clone(), Outgoing::from(entry)));
        let entries: Vec<(String, Outgoing)> = entries.collect();
        let size: usize = entries.iter().map(|(_, outgoing)| outgoing.size()).sum();
        if size > MAX_BYTES {
            let message =
                format!("Batch requests cannot be longer than {MAX_BYTES} bytes. You have sent {size} bytes.");
            return Err(SqsError::new(ErrorCode::BatchRequestTooLong, message));
        }
        let check = |(_, outgoing): &(String, Outgoing)| queue.attributes(|of_queue| outgoing.check_order(of_queue));
        entries.iter().try_for_each(check)?;
        let mut output = SendMessageBatchOutput::default();
        for (id, outgoing) in entries {
            match send_entry(&queue, &id, outgoing) {
                Ok(sent) => output.successful.push(sent),
                Err(error) => output.failed.push(failed(id, error)),
            }
        }
        Ok(output)
    }

    pub(super) fn delete_batch(&self, input: DeleteMessageBatchInput) -> Result<DeleteMessageBatchOutput, SqsError> {
        let queue = self.queue(&input.queue_url)?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()), "DeleteMessageBatchRequestEntry")?;
        let mut output = DeleteMessageBatchOutput::default();
        for entry in input.entries {
            match queue.delete(&entry.receipt_handle) {
                Ok(()) => output.successful.push(DeleteMessageBatchResultEntry { id: entry.id }),
                Err(error) => output.failed.push(failed(entry.id, of_handle(error))),
            }
        }
        Ok(output)
    }

    pub(super) fn change_visibility_batch(
        &self,
        input: ChangeMessageVisibilityBatchInput,
    ) -> Result<ChangeMessageVisibilityBatchOutput, SqsError> {
        let queue = self.queue(&input.queue_url)?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()), "ChangeMessageVisibilityBatchRequestEntry")?;
        let mut output = ChangeMessageVisibilityBatchOutput::default();
        for entry in input.entries {
            let id = entry.id;
            match queue.change_visibility(&entry.receipt_handle, entry.visibility_timeout.into()) {
                Ok(()) => output.successful.push(ChangeMessageVisibilityBatchResultEntry { id }),
                Err(error) => output.failed.push(failed(id, error)),
            }
        }
        Ok(output)
    }
}

fn send_entry(queue: &Queue, id: &str, outgoing: Outgoing) -> Result<SendMessageBatchResultEntry, SqsError> {
    let md5_of_message_body = md5_of(&outgoing.body);
    let md5_of_message_attributes = md5_of_attributes(&outgoing.attributes);
    let first = queue.send(outgoing)?;
    Ok(SendMessageBatchResultEntry {
        id: id.to_owned(),
        message_id: first.message_id,
        md5_of_message_body,
        md5_of_message_attributes,
        sequence_number: first.sequence_number,
    })
}

fn check_ids<'a>(ids: impl Iterator<Item = &'a str> + Clone, entry: &str) -> Result<(), SqsError> {
    let refuse = |code, message: String| Err(SqsError::new(code, message));
    let count = ids.clone().count();
    if count == 0 {
        let message = format!("There should be at least one {entry} in the request.");
        return refuse(ErrorCode::EmptyBatchRequest, message);
    }
    if count > MAX_ENTRIES {
        let message = format!("Maximum number of entries per request are {MAX_ENTRIES}. You have sent {count}.");
        return refuse(ErrorCode::TooManyEntriesInBatchRequest, message);
    }
    let mut seen = HashSet::new();
    for id in ids {
        let is_of_id = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        if !(1..=80).contains(&id.len()) || !id.chars().all(is_of_id) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It \
                           can be at most 80 letters long.";
            return refuse(ErrorCode::InvalidBatchEntryId, message.to_owned());
        }
        if !seen.insert(id) {
            return refuse(ErrorCode::BatchEntryIdsNotDistinct, format!("Id {id} repeated."));
        }
    }
    Ok(())
}

/// In a batch an expired handle goes by the name of an invalid one.
fn of_handle(error: SqsError) -> SqsError {
    match error.code {
        ErrorCode::InvalidParameterValue => {
            SqsError::new(ErrorCode::ReceiptHandleIsInvalid, "The receipt handle has expired")
        }
        _ => error,
    }
}

fn failed(id: String, error: SqsError) -> BatchResultErrorEntry {
    BatchResultErrorEntry { id, sender_fault: true, code: error.code.query_name(), message: Some(error.message) }
}
