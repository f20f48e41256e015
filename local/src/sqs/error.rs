//! SQS's errors: the name in the JSON protocol, the older name of the query protocol (which SDKs read first) and the HTTP
//! status.

use std::fmt;

use axum::http::StatusCode;

use super::limits::{MAX_BATCH_ENTRIES, MAX_MESSAGE_SIZE};

/// A refused request. Variants have the errors' names in the JSON protocol, and display the explanation for people.
#[derive(Clone, Debug, Eq, PartialEq, strum::AsRefStr, thiserror::Error)]
pub enum SqsError {
    /// Two entries of a batch have the same id.
    #[error("Id {0} repeated.")]
    BatchEntryIdsNotDistinct(String),
    /// The messages of a batch are together too large: their size in bytes.
    #[error("Batch requests cannot be longer than {max} bytes. You have sent {0} bytes.", max = MAX_MESSAGE_SIZE)]
    BatchRequestTooLong(usize),
    /// A batch has no entry of this type.
    #[error("There should be at least one {0} in the request.")]
    EmptyBatchRequest(&'static str),
    /// A queue does not have this attribute.
    #[error("{0}")]
    InvalidAttributeName(String),
    /// A queue's attribute cannot have this value.
    #[error("{0}")]
    InvalidAttributeValue(String),
    /// A batch entry's id has invalid characters or is too long.
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 \
         letters long."
    )]
    InvalidBatchEntryId,
    /// A body has characters that XML does not allow.
    #[error(
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | \
         #x10000 to #x10FFFF"
    )]
    InvalidMessageContents,
    /// A parameter cannot have this value.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// The visibility timeout of a message that is not in flight cannot change.
    #[error("The specified message isn't in flight.")]
    MessageNotInflight,
    /// A required parameter is missing.
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(String),
    /// Too many messages are in flight.
    #[error("Too many messages are in flight; delete some of them first.")]
    OverLimit,
    /// The queue of this name was purged less than a minute ago.
    #[error("Only one PurgeQueue operation on {0} is allowed every 60 seconds.")]
    PurgeQueueInProgress(String),
    /// A queue of this name was deleted less than a minute ago.
    #[error("You must wait 60 seconds after deleting a queue before you can create another with the same name.")]
    QueueDeletedRecently,
    /// The queue does not exist.
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    /// A queue of this name exists with another value of this attribute.
    #[error("A queue already exists with the same name and a different value for attribute {0}")]
    QueueNameExists(String),
    /// The queue never gave out this handle.
    #[error("{0}")]
    ReceiptHandleIsInvalid(String),
    /// No queue has the ARN in this parameter.
    #[error("The resource that you specified for the {0} parameter doesn't exist.")]
    ResourceNotFound(&'static str),
    /// The body is not the JSON that the operation takes.
    #[error("{0}")]
    SerializationFailed(String),
    /// A batch has more than ten entries: their number.
    #[error("Maximum number of entries per request are {max}. You have sent {0}.", max = MAX_BATCH_ENTRIES)]
    TooManyEntriesInBatchRequest(usize),
    /// SQS does not have this operation.
    #[error("The action {0} is not valid for this endpoint.")]
    UnknownOperation(String),
    /// SQS has this operation, but this server does not.
    #[error("{0} is not supported by this server.")]
    UnsupportedOperation(String),
}

impl SqsError {
    /// `InvalidParameterValue`: a parameter has a value that is not allowed.
    pub fn invalid_value(parameter: &str, value: impl fmt::Display, reason: &str) -> Self {
        Self::InvalidParameterValue(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
    }

    /// `InvalidAttributeName`: queues have no such attribute.
    pub fn unknown_attribute(name: &str) -> Self {
        Self::InvalidAttributeName(format!("Unknown Attribute {name}."))
    }

    /// The name in the JSON protocol's `__type`.
    pub fn json_name(&self) -> String {
        match self {
            Self::InvalidParameterValue(_) => "com.amazon.coral.service#InvalidParameterValueException".into(),
            Self::MissingParameter(_) => "com.amazon.coral.service#MissingRequiredParameterException".into(),
            Self::ResourceNotFound(_) => "com.amazonaws.sqs#ResourceNotFoundException".into(),
            Self::SerializationFailed(_) => "com.amazon.coral.service#SerializationException".into(),
            Self::UnknownOperation(_) => "com.amazon.coral.service#UnknownOperationException".into(),
            other => format!("com.amazonaws.sqs#{}", other.as_ref()),
        }
    }

    /// The name in the query protocol, which the header `x-amzn-query-error` carries.
    pub fn query_name(&self) -> String {
        match self {
            Self::QueueDoesNotExist => "AWS.SimpleQueueService.NonExistentQueue".into(),
            Self::QueueNameExists(_) => "QueueAlreadyExists".into(),
            Self::ResourceNotFound(_) => "ResourceNotFoundException".into(),
            Self::SerializationFailed(_) => "MalformedInput".into(),
            Self::UnknownOperation(_) => "InvalidAction".into(),
            Self::InvalidAttributeName(_)
            | Self::InvalidAttributeValue(_)
            | Self::InvalidMessageContents
            | Self::InvalidParameterValue(_)
            | Self::MissingParameter(_)
            | Self::OverLimit
            | Self::ReceiptHandleIsInvalid(_) => self.as_ref().into(),
            other => format!("AWS.SimpleQueueService.{}", other.as_ref()),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::OverLimit | Self::PurgeQueueInProgress(_) => StatusCode::FORBIDDEN,
            Self::ResourceNotFound(_) => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}
