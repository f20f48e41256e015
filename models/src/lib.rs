//! Models of the protocols that Pombo's promises rest on. A checker explores them in every order of events, and again
//! without each mechanism, to show that it is needed. docs/models.md has the bounds and the results.

pub mod batch;
pub mod charge;
pub mod code;
pub mod conversation;
pub mod delivery;
pub mod erasure;
pub mod exploration;
pub mod lanes;
pub mod mechanisms;
pub mod ownership;
pub mod protocol;
pub mod response;
pub mod waiting;
