//! The stack's clock: real time plus an offset that only increases.
//!
//! Queues, tables, schedules and the simulator use this clock; debug builds of the functions read the same offset from an
//! 8-byte file. Lambda deadlines, request signing and HTTP timeouts stay on real time.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::files;

/// A shared clock; clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Milliseconds added to real time. The channel wakes every sleeper when it changes.
    offset: watch::Sender<i64>,
    /// The file from which the functions read the offset: 8 bytes, little endian.
    file: Option<PathBuf>,
}

impl Clock {
    /// A clock at real time that no other process can read.
    pub fn new() -> Self {
        Self::default()
    }

    /// A clock at real time whose offset other processes read from `file`, which is created.
    pub fn with_file(file: &Path) -> io::Result<Self> {
        std::fs::write(file, 0i64.to_le_bytes())?;
        Ok(Self(Arc::new(Inner { file: Some(file.to_owned()), ..Inner::default() })))
    }

    /// Milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        real_now() + *self.0.offset.borrow()
    }

    /// Moves the clock forward and wakes every sleeper.
    pub fn advance(&self, by: Duration) -> io::Result<()> {
        let offset = *self.0.offset.borrow() + by.as_millis() as i64;
        if let Some(file) = &self.0.file {
            files::replace(file, |next| std::fs::write(next, offset.to_le_bytes()))?;
        }
        self.0.offset.send_replace(offset);
        Ok(())
    }

    /// Returns once the clock shows `at` (milliseconds since the epoch) or later.
    pub async fn sleep_until(&self, at: i64) {
        let mut moved = self.0.offset.subscribe();
        loop {
            let left = at - (real_now() + *moved.borrow_and_update());
            if left <= 0 {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left as u64)) => {}
                _ = moved.changed() => {}
            }
        }
    }
}

fn real_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
