//! A bound on the log lines of one kind that strangers and clients can cause: CloudWatch bills each.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::clock;

/// Admits so many lines a minute in this process, and counts the others.
#[derive(Debug)]
pub struct LogLimit {
    per_minute: u64,
    minute: AtomicI64,
    lines: AtomicU64,
    unlogged: AtomicU64,
}

impl LogLimit {
    /// A limit of this many lines a minute.
    pub const fn new(per_minute: u64) -> Self {
        let (minute, lines, unlogged) = (AtomicI64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Self { per_minute, minute, lines, unlogged }
    }

    /// Counts an occurrence. If it is to be logged, returns how many were not since the last line.
    pub fn admit(&self) -> Option<u64> {
        let minute = clock::now().secs() / 60;
        if self.minute.swap(minute, Ordering::Relaxed) != minute {
            self.lines.store(0, Ordering::Relaxed);
        }
        if self.lines.fetch_add(1, Ordering::Relaxed) < self.per_minute {
            return Some(self.unlogged.swap(0, Ordering::Relaxed));
        }
        self.unlogged.fetch_add(1, Ordering::Relaxed);
        None
    }
}
