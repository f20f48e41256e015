//! Why a stack could not be started.

use std::io;
use std::path::PathBuf;

use crate::lambda::InvocationError;
use crate::sources::InvalidFilter;
use crate::template::TemplateError;

/// Why a stack could not be started, in one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port belongs to somebody else.
    #[error("port {0} is in use; choose another with --port, or --port 0 for a free one")]
    PortInUse(u16),
    /// The template can't be read or followed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A filter in the template can't be read.
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
    /// A folder can't be used.
    #[error("{}: can't be written: {cause}", .folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A table can't be made.
    #[error("DynamoDB: {0}")]
    Tables(String),
    /// A queue can't be made.
    #[error("SQS: {0}")]
    Queues(String),
    /// A function's variable can't be resolved.
    #[error("{0}: {1}")]
    Variable(String, String),
    /// A function does not start.
    #[error("the function {name} does not start: {cause}; its log is {}", .log.display())]
    Function {
        /// Which.
        name: String,
        /// How it ended.
        cause: InvocationError,
        /// Where it says why.
        log: PathBuf,
    },
    /// Something of the machine failed.
    #[error(transparent)]
    Machine(#[from] io::Error),
}
