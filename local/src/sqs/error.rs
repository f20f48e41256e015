//! What SQS answers when it refuses a request: the error's name in the JSON protocol, the older name of the query
//! protocol (SDKs read that one first) and the HTTP status.

use std::fmt;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqsError {
    /// Which error it is.
    pub code: ErrorCode,
    /// What a person reads.
    pub message: String,
}

/// The errors that this server answers with, by their names in the JSON protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// Two entries of a batch have the same id.
    BatchEntryIdsNotDistinct,
    /// The messages of a batch are too large together.
    BatchRequestTooLong,
    /// A batch has no entry.
    EmptyBatchRequest,
    /// A queue has no such attribute.
    InvalidAttributeName,
    /// A queue's attribute can't be that.
    InvalidAttributeValue,
    /// An entry's id has wrong characters or too many.
    InvalidBatchEntryId,
    /// A body has characters that XML has not.
    InvalidMessageContents,
    /// A parameter can't be that.
    InvalidParameterValue,
    /// The visibility of a message that is not in flight can't change.
    MessageNotInflight,
    /// A parameter had to be there.
    MissingParameter,
    /// Too many messages are in flight.
    OverLimit,
    /// Another purge was less than a minute ago.
    PurgeQueueInProgress,
    /// The name's last queue was deleted less than a minute ago.
    QueueDeletedRecently,
    /// There is no such queue.
    QueueDoesNotExist,
    /// There is a queue of this name with other attributes.
    QueueNameExists,
    /// The queue never gave out such a handle.
    ReceiptHandleIsInvalid,
    /// There is no queue of this ARN.
    ResourceNotFound,
    /// The body is not the JSON that the operation takes.
    SerializationFailed,
    /// A batch has more than ten entries.
    TooManyEntriesInBatchRequest,
    /// SQS has no such operation.
    UnknownOperation,
    /// SQS has the operation, this server has not.
    UnsupportedOperation,
}

impl SqsError {
    /// An error with its explanation.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A parameter whose value can't be.
    pub fn invalid_value(parameter: &str, value: impl fmt::Display, reason: &str) -> Self {
        let message = format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}");
        Self::new(ErrorCode::InvalidParameterValue, message)
    }

    /// A parameter that had to be there.
    pub fn missing(parameter: &str) -> Self {
        let message = format!("The request must contain the parameter {parameter}.");
        Self::new(ErrorCode::MissingParameter, message)
    }

    /// A queue that is not there.
    pub fn no_queue() -> Self {
        Self::new(ErrorCode::QueueDoesNotExist, "The specified queue does not exist.")
    }
}

impl ErrorCode {
    /// The name in the JSON protocol's `__type`.
    pub fn json_name(self) -> String {
        match self {
            Self::InvalidParameterValue => "com.amazon.coral.service#InvalidParameterValueException".into(),
            Self::MissingParameter => "com.amazon.coral.service#MissingRequiredParameterException".into(),
            Self::ResourceNotFound => "com.amazonaws.sqs#ResourceNotFoundException".into(),
            Self::SerializationFailed => "com.amazon.coral.service#SerializationException".into(),
            Self::UnknownOperation => "com.amazon.coral.service#UnknownOperationException".into(),
            other => format!("com.amazonaws.sqs#{other:?}"),
        }
    }

    /// The name in the query protocol, which the header `x-amzn-query-error` carries.
    pub fn query_name(self) -> String {
        match self {
            Self::QueueDoesNotExist => "AWS.SimpleQueueService.NonExistentQueue".into(),
            Self::QueueNameExists => "QueueAlreadyExists".into(),
            Self::ResourceNotFound => "ResourceNotFoundException".into(),
            Self::SerializationFailed => "MalformedInput".into(),
            Self::UnknownOperation => "InvalidAction".into(),
            Self::BatchEntryIdsNotDistinct
            | Self::BatchRequestTooLong
            | Self::EmptyBatchRequest
            | Self::InvalidBatchEntryId
            | Self::MessageNotInflight
            | Self::PurgeQueueInProgress
            | Self::QueueDeletedRecently
            | Self::TooManyEntriesInBatchRequest
            | Self::UnsupportedOperation => format!("AWS.SimpleQueueService.{self:?}"),
            other => format!("{other:?}"),
        }
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::OverLimit | Self::PurgeQueueInProgress => 403,
            Self::ResourceNotFound => 404,
            _ => 400,
        }
    }
}

impl fmt::Display for SqsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.code, self.message)
    }
}

impl std::error::Error for SqsError {}
