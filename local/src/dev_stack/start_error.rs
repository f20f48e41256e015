//! The errors of starting a stack.

use std::io;
use std::path::PathBuf;

use dynoxide::DynoxideError;

use super::template::TemplateError;
use crate::lambda::InvocationError;
use crate::lambda::event_sources::InvalidPattern;

/// Why a stack could not be started; each message is one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {0} is in use; choose another with --port, or use --port 0 for a free port")]
    PortInUse(u16),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Filter(#[from] InvalidPattern),
    #[error("{}: can't be written: {cause}", .folder.display())]
    Folder { folder: PathBuf, cause: io::Error },
    #[error("DynamoDB: {0}")]
    Tables(#[from] DynoxideError),
    /// The file of the tables could not be changed.
    #[error("DynamoDB: {0}")]
    TableFile(#[from] rusqlite::Error),
    #[error("SQS: {0}")]
    Queues(String),
    #[error("S3: {0}")]
    Objects(String),
    #[error("the function {name} did not start: {cause}; its log is {}", .log.display())]
    Function { name: String, cause: InvocationError, log: PathBuf },
    #[error(transparent)]
    Machine(#[from] io::Error),
}
