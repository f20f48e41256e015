//! The AWS clients, made once before the first event.

use std::time::Duration;

use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// What the environment says of region, credentials and endpoints, with time-outs that fit a request of seconds.
///
/// The SDK's own three attempts stay: every write of ours tells its own earlier attempt from somebody else's.
pub async fn config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    // An attempt ends before a body could be called stalled: no need to measure each one's throughput.
    config.stalled_stream_protection(StalledStreamProtectionConfig::disabled()).load().await
}
