//! The batch operations: checks of the batch as a whole, then each entry on its own.

use std::collections::HashSet;

use rustack_sqs_model::input::{
    ChangeMessageVisibilityBatchInput, DeleteMessageBatchInput, SendMessageBatchInput, SendMessageInput,
};
use rustack_sqs_model::output::{ChangeMessageVisibilityBatchOutput, DeleteMessageBatchOutput, SendMessageBatchOutput};
use rustack_sqs_model::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchResultEntry, DeleteMessageBatchResultEntry,
    SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
};

use super::error::SqsError;
use super::limits::{MAX_BATCH_ENTRIES, MAX_MESSAGE_SIZE};
use super::message::{attributes_md5, md5_hex};
use super::queue::Queue;
use super::send_request;
use super::service::Sqs;

impl Sqs {
    pub(super) fn send_batch(&self, input: SendMessageBatchInput) -> Result<SendMessageBatchOutput, SqsError> {
        let queue = self.queue_by_url(&input.queue_url)?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()), "SendMessageBatchRequestEntry")?;
        let entries: Vec<(String, SendMessageInput)> = input.entries.into_iter().map(to_request).collect();
        let size: usize = entries.iter().map(|(_, request)| send_request::size(request)).sum();
        if size > MAX_MESSAGE_SIZE {
            return Err(SqsError::BatchRequestTooLong(size));
        }
        // A FIFO queue refuses the whole batch when one entry lacks a parameter.
        queue.attributes(|queue| {
            entries.iter().try_for_each(|(_, request)| send_request::check_fifo_parameters(request, queue))
        })?;
        let mut output = SendMessageBatchOutput::default();
        for (id, request) in entries {
            match send_entry(&queue, &id, request) {
                Ok(sent) => output.successful.push(sent),
                Err(error) => output.failed.push(failed(id, error)),
            }
        }
        Ok(output)
    }

    pub(super) fn delete_batch(&self, input: DeleteMessageBatchInput) -> Result<DeleteMessageBatchOutput, SqsError> {
        let queue = self.queue_by_url(&input.queue_url)?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()), "DeleteMessageBatchRequestEntry")?;
        let mut output = DeleteMessageBatchOutput::default();
        for entry in input.entries {
            match queue.delete(&entry.receipt_handle) {
                Ok(()) => output.successful.push(DeleteMessageBatchResultEntry { id: entry.id }),
                Err(error) => output.failed.push(failed(entry.id, batch_entry_error(error))),
            }
        }
        Ok(output)
    }

    pub(super) fn change_visibility_batch(
        &self,
        input: ChangeMessageVisibilityBatchInput,
    ) -> Result<ChangeMessageVisibilityBatchOutput, SqsError> {
        let queue = self.queue_by_url(&input.queue_url)?;
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

/// An entry of a batch as a request of its own, and its id.
fn to_request(entry: SendMessageBatchRequestEntry) -> (String, SendMessageInput) {
    let request = SendMessageInput {
        queue_url: String::new(),
        message_body: entry.message_body,
        delay_seconds: entry.delay_seconds,
        message_group_id: entry.message_group_id,
        message_deduplication_id: entry.message_deduplication_id,
        message_attributes: entry.message_attributes,
        message_system_attributes: entry.message_system_attributes,
    };
    (entry.id, request)
}

fn send_entry(queue: &Queue, id: &str, request: SendMessageInput) -> Result<SendMessageBatchResultEntry, SqsError> {
    let md5_of_message_body = md5_hex(&request.message_body);
    let md5_of_message_attributes = attributes_md5(&request.message_attributes);
    let sent = queue.send(request)?;
    Ok(SendMessageBatchResultEntry {
        id: id.to_owned(),
        message_id: sent.message_id,
        md5_of_message_body,
        md5_of_message_attributes,
        sequence_number: sent.sequence_number,
    })
}

fn check_ids<'a>(ids: impl Iterator<Item = &'a str> + Clone, entry: &'static str) -> Result<(), SqsError> {
    let count = ids.clone().count();
    if count == 0 {
        return Err(SqsError::EmptyBatchRequest(entry));
    }
    if count > MAX_BATCH_ENTRIES {
        return Err(SqsError::TooManyEntriesInBatchRequest(count));
    }
    let mut seen = HashSet::new();
    for id in ids {
        let is_allowed = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        if !(1..=80).contains(&id.len()) || !id.chars().all(is_allowed) {
            return Err(SqsError::InvalidBatchEntryId);
        }
        if !seen.insert(id) {
            return Err(SqsError::BatchEntryIdsNotDistinct(id.to_owned()));
        }
    }
    Ok(())
}

/// Batch operations report an expired handle as an invalid one.
fn batch_entry_error(error: SqsError) -> SqsError {
    match error {
        SqsError::InvalidParameterValue(_) => SqsError::ReceiptHandleIsInvalid("The receipt handle has expired".into()),
        other => other,
    }
}

fn failed(id: String, error: SqsError) -> BatchResultErrorEntry {
    BatchResultErrorEntry { id, sender_fault: true, code: error.query_name(), message: Some(error.to_string()) }
}
