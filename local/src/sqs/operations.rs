//! The operations: from a request's JSON to the queue and back.

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

use super::error::{ErrorCode, SqsError};
use super::message::{md5_of, md5_of_attributes};
use super::outgoing::{Outgoing, check_id};
use super::queues::Sqs;
use super::receiving::Receive;
use super::shown::{Wanted, md5_of_system_attributes};

impl Sqs {
    /// Does what a request asks for and gives the answer's JSON.
    ///
    /// # Errors
    ///
    /// What SQS answers with.
    pub(super) async fn call(&self, operation: Operation, body: &Bytes) -> Result<Vec<u8>, SqsError> {
        match operation {
            Operation::CreateQueue => answer(self.create(&parse(body)?)?),
            Operation::GetQueueUrl => answer(self.queue_url(&parse(body)?)?),
            Operation::ListQueues => answer(self.list_queues(&parse(body)?)?),
            Operation::DeleteQueue => answer(self.delete_queue(&parse::<DeleteQueueInput>(body)?.queue_url)?),
            Operation::PurgeQueue => answer(self.queue(&parse::<PurgeQueueInput>(body)?.queue_url)?.purge()?),
            Operation::GetQueueAttributes => answer(self.queue_attributes(&parse(body)?)?),
            Operation::SetQueueAttributes => answer(self.set_queue_attributes(&parse(body)?)?),
            Operation::SendMessage => answer(self.send_message(parse(body)?)?),
            Operation::SendMessageBatch => answer(self.send_batch(parse(body)?)?),
            Operation::ReceiveMessage => answer(self.receive_message(parse(body)?).await?),
            Operation::DeleteMessage => answer(self.delete_message(&parse(body)?)?),
            Operation::DeleteMessageBatch => answer(self.delete_batch(parse(body)?)?),
            Operation::ChangeMessageVisibility => answer(self.change_message_visibility(&parse(body)?)?),
            Operation::ChangeMessageVisibilityBatch => answer(self.change_visibility_batch(parse(body)?)?),
            Operation::StartMessageMoveTask => answer(self.start_move_task(parse(body)?)?),
            Operation::ListMessageMoveTasks => answer(self.list_move_tasks(&parse(body)?)?),
            other => {
                Err(SqsError::new(ErrorCode::UnsupportedOperation, format!("{other} is not supported by this server.")))
            }
        }
    }

    fn create(&self, input: &CreateQueueInput) -> Result<CreateQueueOutput, SqsError> {
        let queue_url = Some(self.create_queue(&input.queue_name, &input.attributes)?);
        Ok(CreateQueueOutput { queue_url })
    }

    fn queue_url(&self, input: &GetQueueUrlInput) -> Result<GetQueueUrlOutput, SqsError> {
        let owner = input.queue_owner_aws_account_id.as_ref();
        if owner.is_some_and(|owner| *owner != self.account) {
            return Err(SqsError::no_queue());
        }
        let queue = self.queue_named(&input.queue_name)?;
        let queue_url = Some(self.url(&queue.name));
        Ok(GetQueueUrlOutput { queue_url })
    }

    fn queue_attributes(&self, input: &GetQueueAttributesInput) -> Result<GetQueueAttributesOutput, SqsError> {
        let names = &input.attribute_names;
        let unknown = names.iter().find(|name| QueueAttributeName::from_str_name(name).is_none());
        if let Some(name) = unknown {
            let message = format!("Unknown Attribute {name}.");
            return Err(SqsError::new(ErrorCode::InvalidAttributeName, message));
        }
        let mut attributes = self.queue(&input.queue_url)?.shown_attributes()?;
        attributes.retain(|name, _| names.iter().any(|wanted| wanted == name || wanted == "All"));
        Ok(GetQueueAttributesOutput { attributes })
    }

    fn set_queue_attributes(&self, input: &SetQueueAttributesInput) -> Result<(), SqsError> {
        let queue = self.queue(&input.queue_url)?;
        let mut changed = queue.attributes(Clone::clone);
        changed.set(&input.attributes)?;
        self.check_redrive_policy(&changed)?;
        queue.set_attributes(&input.attributes)
    }

    fn send_message(&self, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        let queue = self.queue(&input.queue_url)?;
        let outgoing = Outgoing::from(input);
        let md5_of_message_body = Some(md5_of(&outgoing.body));
        let md5_of_message_attributes = md5_of_attributes(&outgoing.attributes);
        let md5_of_message_system_attributes = md5_of_system_attributes(&outgoing.system_attributes);
        let first = queue.send(outgoing)?;
        Ok(SendMessageOutput {
            message_id: Some(first.message_id),
            md5_of_message_body,
            md5_of_message_attributes,
            md5_of_message_system_attributes,
            sequence_number: first.sequence_number,
        })
    }

    async fn receive_message(&self, input: ReceiveMessageInput) -> Result<ReceiveMessageOutput, SqsError> {
        let queue = self.queue(&input.queue_url)?;
        let request = Receive {
            max: usize::try_from(within("MaxNumberOfMessages", input.max_number_of_messages, 1, 10)?.unwrap_or(1))
                .unwrap_or(1),
            visibility_timeout: within("VisibilityTimeout", input.visibility_timeout, 0, 43_200)?,
            wait: within("WaitTimeSeconds", input.wait_time_seconds, 0, 20)?,
            attempt_id: input.receive_request_attempt_id,
        };
        check_id("ReceiveRequestAttemptId", request.attempt_id.as_deref())?;
        let is_fifo = queue.attributes(|attributes| attributes.is_fifo);
        if let Some(id) = request.attempt_id.as_ref().filter(|_| !is_fifo) {
            let reason = "The request include parameter that is not valid for this queue type.";
            return Err(SqsError::invalid_value("ReceiveRequestAttemptId", id, reason));
        }
        let wanted = Wanted {
            system: [input.attribute_names, input.message_system_attribute_names].concat(),
            user: input.message_attribute_names,
        };
        let received = self.receive(&queue, &request).await?;
        let shown = received.into_iter().map(|received| wanted.show(received, &self.account));
        Ok(ReceiveMessageOutput { messages: shown.collect() })
    }

    fn delete_message(&self, input: &DeleteMessageInput) -> Result<(), SqsError> {
        self.queue(&input.queue_url)?.delete(&input.receipt_handle)
    }

    fn change_message_visibility(&self, input: &ChangeMessageVisibilityInput) -> Result<(), SqsError> {
        let queue = self.queue(&input.queue_url)?;
        queue.change_visibility(&input.receipt_handle, input.visibility_timeout.into())
    }
}

fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| {
        let error = error.to_string();
        // A parameter that had to be there is the one mistake of a request's form that has an error of its own.
        let missing = error.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        missing.map_or_else(|| SqsError::new(ErrorCode::SerializationFailed, error.clone()), SqsError::missing)
    })
}

/// The answer's JSON: an empty object for an operation that tells nothing.
fn answer(output: impl Serialize) -> Result<Vec<u8>, SqsError> {
    match serde_json::to_vec(&output) {
        Ok(body) if body == b"null" => Ok(b"{}".to_vec()),
        Ok(body) => Ok(body),
        Err(error) => Err(SqsError::new(ErrorCode::SerializationFailed, error.to_string())),
    }
}

/// A number that must be in a range if it is given.
fn within(parameter: &str, value: Option<i32>, least: i64, most: i64) -> Result<Option<i64>, SqsError> {
    let value = value.map(i64::from);
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            let reason = format!("Must be between {least} and {most}, if provided.");
            Err(SqsError::invalid_value(parameter, value, &reason))
        }
        value => Ok(value),
    }
}
