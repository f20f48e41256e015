//! How much a run deletes: so little that the tables' partitions and this process have enough for everybody else.

use std::time::{Duration, Instant, SystemTime};

use shared::aws::config::LONGEST_CALL;

/// Items that are deleted in a second, at most. An instance's part of an index takes 1,000 writes a second (DynamoDB, partitions).
const PER_SECOND: u32 = 400;

/// The time of a run.
pub struct Pace {
    deadline: SystemTime,
}

impl Pace {
    /// A run that Lambda ends at `deadline`.
    pub const fn new(deadline: SystemTime) -> Self {
        Self { deadline }
    }

    /// For how long further steps may begin.
    pub fn remaining(&self) -> Duration {
        self.deadline.duration_since(SystemTime::now()).unwrap_or_default().saturating_sub(LONGEST_CALL)
    }

    /// Whether another step may begin.
    pub fn has_time(&self) -> bool {
        !self.remaining().is_zero()
    }

    /// Waits after a step that began then and deleted so many items.
    pub async fn rest(&self, began: Instant, items: usize) {
        let items = u32::try_from(items).unwrap_or(u32::MAX);
        let due = Duration::from_secs(1) * items / PER_SECOND;
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
    }
}
