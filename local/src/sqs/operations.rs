//! The operations: each parses a request's JSON, calls the queue and serialises the output.

use bytes::Bytes;
use rustack_sqs_model::input::{
    ChangeMessageVisibilityInput, CreateQueueInput, DeleteMessageInput, DeleteQueueInput, GetQueueAttributesInput,
    GetQueueUrlInput, PurgeQueueInput, ReceiveMessageInput, SendMessageInput, SetQueueAttributesInput,
};
use rustack_sqs_model::operations::SqsOperation as Operation;
use rustack_sqs_model::output::{
    CreateQueueOutput, GetQueueAttributesOutput, GetQueueUrlOutput, ReceiveMessageOutput, SendMessageOutput,
};
use rustack_sqs_model::types::QueueAttributeName;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::SqsError;
use super::limits::{MAX_VISIBILITY_TIMEOUT, MAX_WAIT_TIME, WRONG_QUEUE_TYPE};
use super::message::{attributes_md5, md5_hex, system_attributes_md5};
use super::receive::ReceiveRequest;
use super::received_message::RequestedAttributes;
use super::send_request::check_identifier;
use super::service::Sqs;

impl Sqs {
    /// Executes the operation that the target names, and returns the output's JSON.
    pub(super) async fn call(&self, target: &str, body: &Bytes) -> Result<Vec<u8>, SqsError> {
        let operation = target.strip_prefix("AmazonSQS.").and_then(Operation::from_name);
        match operation.ok_or_else(|| SqsError::UnknownOperation(target.to_owned()))? {
            Operation::CreateQueue => serialize(self.create(&parse(body)?)?),
            Operation::GetQueueUrl => serialize(self.get_queue_url(&parse(body)?)?),
            Operation::ListQueues => serialize(self.list_queues(&parse(body)?)?),
            Operation::DeleteQueue => serialize(self.delete_queue(&parse::<DeleteQueueInput>(body)?.queue_url)?),
            Operation::PurgeQueue => serialize(self.queue_by_url(&parse::<PurgeQueueInput>(body)?.queue_url)?.purge()?),
            Operation::GetQueueAttributes => serialize(self.get_queue_attributes(&parse(body)?)?),
            Operation::SetQueueAttributes => serialize(self.set_queue_attributes(&parse(body)?)?),
            Operation::SendMessage => serialize(self.send_message(parse(body)?)?),
            Operation::SendMessageBatch => serialize(self.send_batch(parse(body)?)?),
            Operation::ReceiveMessage => serialize(self.receive_message(parse(body)?).await?),
            Operation::DeleteMessage => serialize(self.delete_message(&parse(body)?)?),
            Operation::DeleteMessageBatch => serialize(self.delete_batch(parse(body)?)?),
            Operation::ChangeMessageVisibility => serialize(self.change_message_visibility(&parse(body)?)?),
            Operation::ChangeMessageVisibilityBatch => serialize(self.change_visibility_batch(parse(body)?)?),
            Operation::StartMessageMoveTask => serialize(self.start_move_task(parse(body)?)?),
            Operation::ListMessageMoveTasks => serialize(self.list_move_tasks(&parse(body)?)?),
            other => Err(SqsError::UnsupportedOperation(other.to_string())),
        }
    }

    fn create(&self, input: &CreateQueueInput) -> Result<CreateQueueOutput, SqsError> {
        let url = self.create_queue(&input.queue_name, &input.attributes)?;
        Ok(CreateQueueOutput { queue_url: Some(url) })
    }

    fn get_queue_url(&self, input: &GetQueueUrlInput) -> Result<GetQueueUrlOutput, SqsError> {
        if input.queue_owner_aws_account_id.as_ref().is_some_and(|owner| *owner != self.account) {
            return Err(SqsError::QueueDoesNotExist);
        }
        let queue = self.queue_by_name(&input.queue_name)?;
        Ok(GetQueueUrlOutput { queue_url: Some(self.url(&queue.name)) })
    }

    fn get_queue_attributes(&self, input: &GetQueueAttributesInput) -> Result<GetQueueAttributesOutput, SqsError> {
        let names = &input.attribute_names;
        let unknown = names.iter().find(|name| QueueAttributeName::from_str_name(name).is_none());
        if let Some(name) = unknown {
            return Err(SqsError::unknown_attribute(name));
        }
        let mut attributes = self.queue_by_url(&input.queue_url)?.all_attributes()?;
        attributes.retain(|name, _| names.iter().any(|wanted| wanted == name || wanted == "All"));
        Ok(GetQueueAttributesOutput { attributes })
    }

    fn set_queue_attributes(&self, input: &SetQueueAttributesInput) -> Result<(), SqsError> {
        let queue = self.queue_by_url(&input.queue_url)?;
        let mut changed = queue.attributes(Clone::clone);
        changed.set(&input.attributes)?;
        self.check_redrive_policy(&changed)?;
        queue.set_attributes(&input.attributes)
    }

    fn send_message(&self, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        let queue = self.queue_by_url(&input.queue_url)?;
        let md5_of_message_body = Some(md5_hex(&input.message_body));
        let md5_of_message_attributes = attributes_md5(&input.message_attributes);
        let md5_of_message_system_attributes = system_attributes_md5(&input.message_system_attributes);
        let sent = queue.send(input)?;
        Ok(SendMessageOutput {
            message_id: Some(sent.message_id),
            md5_of_message_body,
            md5_of_message_attributes,
            md5_of_message_system_attributes,
            sequence_number: sent.sequence_number,
        })
    }

    async fn receive_message(&self, input: ReceiveMessageInput) -> Result<ReceiveMessageOutput, SqsError> {
        let queue = self.queue_by_url(&input.queue_url)?;
        let max_messages = in_range("MaxNumberOfMessages", input.max_number_of_messages, 1, 10)?;
        let request = ReceiveRequest {
            max_messages: max_messages.and_then(|max| usize::try_from(max).ok()).unwrap_or(1),
            visibility_timeout: in_range("VisibilityTimeout", input.visibility_timeout, 0, MAX_VISIBILITY_TIMEOUT)?,
            wait_time: in_range("WaitTimeSeconds", input.wait_time_seconds, 0, MAX_WAIT_TIME)?,
            attempt_id: input.receive_request_attempt_id,
        };
        check_identifier("ReceiveRequestAttemptId", request.attempt_id.as_deref())?;
        let is_fifo = queue.attributes(|attributes| attributes.is_fifo);
        if let Some(id) = request.attempt_id.as_ref().filter(|_| !is_fifo) {
            return Err(SqsError::invalid_value("ReceiveRequestAttemptId", id, WRONG_QUEUE_TYPE));
        }
        let requested = RequestedAttributes {
            system: [input.attribute_names, input.message_system_attribute_names].concat(),
            user: input.message_attribute_names,
        };
        let received = queue.receive(&request, |arn| self.queue_by_arn(arn)).await?;
        let messages = received.into_iter().map(|received| requested.to_wire(received, &self.account));
        Ok(ReceiveMessageOutput { messages: messages.collect() })
    }

    fn delete_message(&self, input: &DeleteMessageInput) -> Result<(), SqsError> {
        self.queue_by_url(&input.queue_url)?.delete(&input.receipt_handle)
    }

    fn change_message_visibility(&self, input: &ChangeMessageVisibilityInput) -> Result<(), SqsError> {
        let queue = self.queue_by_url(&input.queue_url)?;
        queue.change_visibility(&input.receipt_handle, input.visibility_timeout.into())
    }
}

fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| {
        let error = error.to_string();
        // SQS has a separate error for a missing parameter; every other malformed body is a serialization error.
        let missing = error.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        match missing {
            Some(parameter) => SqsError::MissingParameter(parameter.to_owned()),
            None => SqsError::SerializationFailed(error),
        }
    })
}

/// The output's JSON: an empty object for an operation without output.
fn serialize(output: impl Serialize) -> Result<Vec<u8>, SqsError> {
    match serde_json::to_vec(&output) {
        Ok(body) if body == b"null" => Ok(b"{}".to_vec()),
        Ok(body) => Ok(body),
        Err(error) => Err(SqsError::SerializationFailed(error.to_string())),
    }
}

/// Checks that a number is in a range if it is given.
fn in_range(parameter: &str, value: Option<i32>, min: i64, max: i64) -> Result<Option<i64>, SqsError> {
    let value = value.map(i64::from);
    if let Some(value) = value.filter(|value| !(min..=max).contains(value)) {
        let reason = format!("Must be between {min} and {max}, if provided.");
        return Err(SqsError::invalid_value(parameter, value, &reason));
    }
    Ok(value)
}
