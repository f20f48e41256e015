//! Callbacks that were not read, encrypted in a table of their own: the operator lists them, and replays them after an
//! upgrade. `receive` keeps and replays them, `manage` lists them.
//!
//! Keeps promise 11 (nothing from WhatsApp is acknowledged and dropped).

pub mod record;
pub mod replay_client;
pub mod replay_token;
pub mod repository;

pub use record::{SignedBy, TooLarge, UnreadCallback};
pub use replay_client::{ReplayClient, ReplayError};
pub use replay_token::{REPLAY_HEADER, ReplayTokens};
pub use repository::UnreadCallbacks;
