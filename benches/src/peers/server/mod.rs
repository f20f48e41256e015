//! A gateway that a team runs itself: Express, PostgreSQL, BullMQ and Redis (benches/peers/server), from the API to the webhook.

mod child;
mod databases;
mod lost_work;
mod measure;
mod running;

pub use measure::measure;
pub use running::PROGRAMS;

use running::home;

/// Fails with instructions when it is not built.
///
/// # Panics
/// When it is not built.
pub fn check_built() {
    let made = home().join("dist/server/src/worker.js");
    assert!(made.exists(), "{} is not there: benches/peers/build makes it", made.display());
}
