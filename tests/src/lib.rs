//! Support for tests of the whole stack: a stack per test, a customer, a webhook endpoint that records its calls, and
//! proxies that inject faults.
//!
//! No test sleeps: it waits for a condition, or moves the stack's clock. What must not have happened yet is held: by a
//! proxy, by a pause of the number, by a slot that is far ahead, or because the message is in no queue.

pub mod accounts;
pub mod api;
pub mod bad_endpoints;
pub mod content_examples;
pub mod fault;
pub mod handled_messages;
pub mod iam_permissions;
pub mod media_host;
pub mod people;
pub mod process;
pub mod program;
pub mod proxied_stack;
pub mod proxy;
pub mod queues;
pub mod scripted_function;
pub mod service_errors;
pub mod sweep;
pub mod test_stack;
pub mod tls_endpoints;
pub mod uploads;
pub mod wait;
pub mod webhook_receiver;
pub mod webhooks;
pub mod world;
