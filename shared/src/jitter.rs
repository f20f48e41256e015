//! Random additions to waits, so that what failed together is not retried together.

use std::time::Duration;

use crate::ids;

/// A wait with up to `share` of it added at random.
pub fn with_jitter(wait: Duration, share: f64) -> Duration {
    let random = f64::from(u32::from_le_bytes(ids::random())) / f64::from(u32::MAX);
    wait.mul_f64(1.0 + share * random)
}
