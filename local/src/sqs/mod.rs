//! The SQS server: Amazon SQS in memory, with standard and FIFO queues behind the AWS JSON 1.0 protocol.
//!
//! This folder owns every queue, its messages and its attributes. It imports none of the other folders: clients reach a
//! queue over HTTP only, and only `dev_stack` starts the server.
//!
//! A request passes `http_server` -> `operations` -> `service` (the queues by name) -> `queue` (one lock around a
//! `message_store`). `standard_order` and `fifo_order` decide which message a receive returns next. Nothing runs in the
//! background: every call first advances its queue to the time of the stack's clock.

mod batch_operations;
mod delivery_order;
mod error;
mod expiring_map;
mod fifo_order;
mod http_server;
mod limits;
mod message;
mod message_move_tasks;
mod message_store;
mod operations;
mod queue;
mod queue_attributes;
mod receipt_handle;
mod receipt_operations;
mod receive;
mod received_message;
mod send;
mod send_request;
mod service;
mod standard_order;

#[cfg(test)]
mod tests;

pub use error::SqsError;
pub use service::Sqs;
