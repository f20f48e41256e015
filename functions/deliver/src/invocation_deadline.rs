//! The deadline of an invocation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::Context;

/// When this invocation must have ended, by the wall clock that Lambda uses.
#[derive(Clone, Copy, Debug)]
pub struct InvocationDeadline(SystemTime);

impl InvocationDeadline {
    /// How much time is left.
    pub fn remaining(self) -> Duration {
        self.0.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

impl From<&Context> for InvocationDeadline {
    fn from(context: &Context) -> Self {
        Self(UNIX_EPOCH + Duration::from_millis(context.deadline))
    }
}
