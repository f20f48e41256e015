//! `POST /v1/messages/batch`: one charge for the messages to as many as a thousand recipients.
//!
//! authenticate -> parse -> instance -> rows -> charge -> batch -> records -> accepted -> 202. The charge's reservation comes
//! first, so that `settle` finishes what breaks off; ids follow from the batch and the row, so that a repeat finds what is
//! recorded (docs/adr/0064).

mod accept;
mod record;
mod repeats;
mod request;
mod response;
mod rows;

pub use accept::PATH;
pub use request::BatchBody;
pub use response::{BatchResponse, status};
