//! A probe: the one message that may leave to find out whether a pause of its instance, or a condition, is over.

use std::time::Duration;

/// How long a probe may take: the longest wait for WhatsApp's answer, and a margin.
pub const PROBE_TIME: Duration = Duration::from_secs(20);
/// How long a message waits before it looks at a probe's result, or at a circuit, which may be closed at any time.
pub const RECHECK: Duration = Duration::from_secs(5);
