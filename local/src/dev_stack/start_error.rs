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
    /// Another process uses the port.
    #[error("port {0} is in use; choose another with --port, or use --port 0 for a free port")]
    PortInUse(u16),
    /// The template is unreadable or not supported.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A filter pattern in the template is not valid.
    #[error(transparent)]
    Filter(#[from] InvalidPattern),
    /// A folder is not writable.
    #[error("{}: can't be written: {cause}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        cause: io::Error,
    },
    /// A table could not be created.
    #[error("DynamoDB: {0}")]
    Tables(#[from] DynoxideError),
    /// The file of the tables could not be changed.
    #[error("DynamoDB: {0}")]
    TableFile(#[from] rusqlite::Error),
    /// A queue could not be created.
    #[error("SQS: {0}")]
    Queues(String),
    /// An environment variable of a function could not be resolved.
    #[error("{0}: {1}")]
    Variable(String, String),
    /// A function did not start.
    #[error("the function {name} did not start: {cause}; its log is {}", .log.display())]
    Function {
        /// The function.
        name: String,
        /// The cause.
        cause: InvocationError,
        /// Its log file.
        log: PathBuf,
    },
    /// An operation of the operating system failed.
    #[error(transparent)]
    Machine(#[from] io::Error),
}
