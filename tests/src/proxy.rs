//! A proxy between a caller and a server: counts calls by caller and operation, injects faults, and notifies a
//! listener.
//!
//! It is used between the functions and DynamoDB, SQS and WhatsApp, and in front of webhooks and the API. A caller is
//! identified by the name in its AWS SDK's user agent, or else by its process.

mod calls;
mod client_process;
mod forwarding;
mod planned_faults;
mod server;
mod state;

pub use calls::{EmptyRead, HEALTH};
pub use planned_faults::{EVERY_ATTEMPT, FaultAt};
pub use server::Proxy;
pub use state::{Call, Listener};
