//! Closing accounts: what says that one is closing (in the item `account`), what closing it still needs (the item `closing`), and the
//! end of everything that acts for it.
//!
//! `manage` begins, and ends what acts for the account at once; `settle` deletes its data a while later, when no process can rely any
//! more on what it read before (docs/adr/0060). Both end what acts for it in the same way, so either may crash at any point.

pub mod record;
mod stop;

pub use record::{Closing, UNTIL_UNUSED};
