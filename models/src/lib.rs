//! The two protocols that Pombo's promises rest on, as models that a checker goes through in every order of events, and
//! again without each mechanism, to see that it is needed. docs/models.md has the bounds and what came of it.

pub mod charge;
pub mod code;
pub mod delivery;
pub mod exploration;
pub mod mechanisms;
