//! The project on one machine: the same functions, queues, tables and event sources as on AWS.
//!
//! - `sqs`: the SQS server.
//! - `s3`: the S3 server.
//! - `lambda`: the Lambda host, with API Gateway and the event source mappings.
//! - `simulator`: the WhatsApp simulator.
//! - `dev_stack`: reads `template.yaml`, starts all of the above and DynamoDB, and connects them.
//!
//! Imports point downward only: `command_line` uses `dev_stack`, which uses `sqs`, `s3`, `lambda` and `simulator`. Those four
//! do not import each other; they share `clock`, `aws`, `files`, `mutex` and `breakable_connection`.

pub mod aws;
pub mod breakable_connection;
pub mod clock;
pub mod command_line;
pub mod dev_stack;
mod files;
pub mod lambda;
mod openapi;
mod s3;
pub mod simulator;
pub mod sqs;
