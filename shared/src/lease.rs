//! The lease of work that an invocation has claimed: until it ends, no other process takes the work.

use std::time::{Duration, SystemTime};

/// How much longer than its invocation a lease is: by then Lambda has ended the process.
pub const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// How long the lease of what is claimed now lasts.
pub fn length(deadline: SystemTime) -> Duration {
    remaining(deadline) + LEASE_MARGIN
}

/// How much of an invocation's time is left, by the wall clock that Lambda uses.
pub fn remaining(deadline: SystemTime) -> Duration {
    deadline.duration_since(SystemTime::now()).unwrap_or_default()
}
