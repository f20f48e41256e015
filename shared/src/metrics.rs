//! What the functions count: CloudWatch's embedded metrics, which are lines of the log and cost no call.
//!
//! `infra/observability.yaml` shows them and alarms at them. Each name and each value of a dimension costs 0.30 dollars
//! in a month in which it comes (CloudWatch pricing, custom metrics), so there are few and their values are bounded.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use ::metrics::counter;
use metrics_cloudwatch_embedded::{Builder, Collector};

use crate::api_error::ErrorCode;
use crate::clock;
use crate::environment::{self, EnvironmentError};

/// Seconds for which counts of ordinary things are put together into one line.
const GATHERED_SECS: i64 = 60;

/// WhatsApp's codes that are counted by themselves (whatsapp-cloud-api, Errors); any other is `other`.
const CODES: [i64; 62] = [
    0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 368, 80_007, 130_429, 130_472, 130_497, 131_000, 131_005, 131_008, 131_009,
    131_016, 131_021, 131_026, 131_031, 131_037, 131_042, 131_045, 131_047, 131_048, 131_049, 131_050, 131_051,
    131_053, 131_056, 131_057, 131_063, 131_064, 132_000, 132_001, 132_002, 132_003, 132_004, 132_005, 132_006,
    132_007, 132_008, 132_009, 132_010, 132_011, 132_012, 132_013, 132_014, 132_015, 132_016, 132_017, 132_018,
    133_004, 133_010, 134_011, 135_000, 299, 202, 201,
];

/// Something that is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Metric {
    /// A message was accepted.
    MessagesAccepted,
    /// A request to send was refused, by the API's code.
    MessagesRefused(ErrorCode),
    /// WhatsApp took a message.
    MessagesSent,
    /// An attempt did not reach WhatsApp.
    MessagesNotSent,
    /// Nobody knows whether WhatsApp took an attempt.
    MessagesUnknown,
    /// A message of unknown outcome failed, since WhatsApp never told of it.
    MessagesUnconfirmed,
    /// WhatsApp refused a message, in an answer or in a callback, by its code.
    ProviderErrors(i64),
    /// An instance was disconnected or paused, since WhatsApp refuses its token or number.
    InstancesStopped,
    /// An update of a callback was stored.
    CallbacksStored,
    /// A callback's update is about no message of ours.
    CallbacksUntagged,
    /// A callback's signature is wrong.
    CallbacksForged,
    /// An outcome is unknown and its number's callbacks have stopped.
    CallbacksSilent,
    /// A webhook took an event.
    WebhooksTold,
    /// A webhook did not.
    WebhooksNotTaken,
    /// An event had all of its attempts.
    WebhooksExhausted,
    /// A webhook was disabled.
    WebhooksDisabled,
}

impl Metric {
    /// What CloudWatch calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessagesAccepted => "MessagesAccepted",
            Self::MessagesRefused(_) => "MessagesRefused",
            Self::MessagesSent => "MessagesSent",
            Self::MessagesNotSent => "MessagesNotSent",
            Self::MessagesUnknown => "MessagesUnknown",
            Self::MessagesUnconfirmed => "MessagesUnconfirmed",
            Self::ProviderErrors(_) => "ProviderErrors",
            Self::InstancesStopped => "InstancesStopped",
            Self::CallbacksStored => "CallbacksStored",
            Self::CallbacksUntagged => "CallbacksUntagged",
            Self::CallbacksForged => "CallbacksForged",
            Self::CallbacksSilent => "CallbacksSilent",
            Self::WebhooksTold => "WebhooksTold",
            Self::WebhooksNotTaken => "WebhooksNotTaken",
            Self::WebhooksExhausted => "WebhooksExhausted",
            Self::WebhooksDisabled => "WebhooksDisabled",
        }
    }

    /// Whether it comes with every message, so that a line for each would cost more than it tells.
    const fn is_ordinary(self) -> bool {
        matches!(
            self,
            Self::MessagesAccepted
                | Self::MessagesRefused(_)
                | Self::MessagesSent
                | Self::CallbacksStored
                | Self::WebhooksTold
        )
    }
}

/// Every name.
pub const NAMES: [&str; 16] = [
    "MessagesAccepted",
    "MessagesRefused",
    "MessagesSent",
    "MessagesNotSent",
    "MessagesUnknown",
    "MessagesUnconfirmed",
    "ProviderErrors",
    "InstancesStopped",
    "CallbacksStored",
    "CallbacksUntagged",
    "CallbacksForged",
    "CallbacksSilent",
    "WebhooksTold",
    "WebhooksNotTaken",
    "WebhooksExhausted",
    "WebhooksDisabled",
];

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();
static HAS_MORE_THAN_THE_ORDINARY: AtomicBool = AtomicBool::new(false);
static WRITTEN_AT: AtomicI64 = AtomicI64::new(0);

/// Counts from now on, in the namespace `METRICS_NAMESPACE`.
pub fn init() -> Result<(), EnvironmentError> {
    let namespace = environment::text("METRICS_NAMESPACE")?;
    let invalid =
        |error: metrics_cloudwatch_embedded::Error| EnvironmentError::Invalid("METRICS_NAMESPACE", error.to_string());
    let collector = Builder::new().cloudwatch_namespace(namespace).init().map_err(invalid)?;
    COLLECTOR.get_or_init(|| collector);
    WRITTEN_AT.store(clock::now().secs(), Ordering::Relaxed);
    Ok(())
}

/// Counts something once.
pub fn count(metric: Metric) {
    count_many(metric, 1);
}

/// Counts something so many times.
pub fn count_many(metric: Metric, times: u64) {
    if times == 0 {
        return;
    }
    if !metric.is_ordinary() {
        HAS_MORE_THAN_THE_ORDINARY.store(true, Ordering::Relaxed);
    }
    match metric {
        Metric::MessagesRefused(code) => {
            counter!(metric.name(), "Reason" => code.word_and_status().0).increment(times);
        }
        Metric::ProviderErrors(code) => {
            let code = if CODES.contains(&code) { code.to_string() } else { "other".to_owned() };
            counter!(metric.name(), "Code" => code).increment(times);
            counter!(metric.name()).increment(times); // for the alarm, which has no sum over a dimension
        }
        _ => counter!(metric.name()).increment(times),
    }
}

/// Does an invocation's work and writes what it counted: what somebody may have to look at in any case, what is ordinary
/// once a minute. Of the ordinary the last minute is lost when Lambda ends a process.
pub async fn written<F: Future>(invocation: F) -> F::Output {
    let output = Box::pin(invocation).await; // boxed: the type would be too deep for the compiler
    let now = clock::now().secs();
    let is_time = now >= WRITTEN_AT.load(Ordering::Relaxed) + GATHERED_SECS;
    if HAS_MORE_THAN_THE_ORDINARY.swap(false, Ordering::Relaxed) || is_time {
        WRITTEN_AT.store(now, Ordering::Relaxed);
        write();
    }
    output
}

fn write() {
    let Some(collector) = COLLECTOR.get() else {
        return;
    };
    let mut lines = Vec::new();
    // In one piece, so that no other line of the log gets between.
    if let Err(error) = collector.flush(&mut lines).and_then(|()| io::stdout().lock().write_all(&lines)) {
        tracing::error!(%error, "metrics.not_written");
    }
}
