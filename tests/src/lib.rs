//! What the tests over the whole stack need: a stack of one's own, a customer, a webhook that keeps what it is told.
//!
//! No test sleeps: it waits for what it expects, or moves the stack's clock.

pub mod accounts;
pub mod api;
pub mod bad_endpoints;
pub mod between;
pub mod fault;
pub mod media_host;
pub mod permissions;
pub mod process;
pub mod proxy;
pub mod queues;
pub mod receiver;
pub mod refusals;
pub mod script;
pub mod sweep;
pub mod test_stack;
pub mod wait;
pub mod webhooks;
