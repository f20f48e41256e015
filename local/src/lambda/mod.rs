//! The Lambda host: AWS Lambda on this machine, with what invokes functions there: API Gateway and function URLs
//! (`gateway`), event source mappings and schedules (`event_sources`).
//!
//! This folder owns the functions' processes: nothing else starts or kills one. It does not read the template;
//! `dev_stack` passes it the functions and event sources.
//!
//! Each execution environment is a process that handles one event at a time and receives it over the Lambda Runtime API.
//! More concurrent events start more environments, up to a limit. An environment whose process ended or exceeded the
//! timeout is discarded, and the next event starts another.

pub(crate) mod bootstrap;
pub mod event_sources;
mod execution_environment;
mod function;
pub(crate) mod gateway;
mod runtime_api;

pub use execution_environment::FunctionConfig;
pub use function::{CompletedInvocation, Function};
pub(crate) use runtime_api::InvocationError;
