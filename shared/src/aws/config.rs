//! The configuration of the AWS clients, loaded once before the first event.

use std::time::Duration;

use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// The longest that a call takes whose service does not answer: three attempts, the waits between them, and a margin.
pub const LONGEST_CALL: Duration = Duration::from_secs(12);

/// Loads region, credentials and endpoints from the environment, with timeouts that fit a request of seconds.
///
/// The SDK's own three attempts stay: every write of ours distinguishes its own earlier attempt from another process's.
pub async fn load() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    // An attempt ends before a body could be called stalled: no need to measure each one's throughput.
    config.stalled_stream_protection(StalledStreamProtectionConfig::disabled()).load().await
}
