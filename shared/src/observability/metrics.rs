//! The functions' metrics, in CloudWatch's embedded metric format: lines of the log, which cost no call.
//!
//! `infra/observability.yaml` has a dashboard and alarms for them. Each name and each value of a dimension costs 0.30 dollars
//! in a month in which it occurs (CloudWatch pricing, custom metrics), so there are few, and their values are bounded.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use ::metrics::counter;
use metrics_cloudwatch_embedded::{Builder, Collector};
use strum::{IntoStaticStr, VariantNames};

use crate::aws::{EnvironmentError, environment};
use crate::clock;
use crate::http::ErrorCode;

/// Seconds for which counts of frequent metrics are aggregated into one line.
const AGGREGATION_SECS: i64 = 60;

/// A metric, named in CloudWatch as here.
#[derive(Clone, Debug, Eq, IntoStaticStr, PartialEq, VariantNames)]
pub enum Metric {
    /// A message was accepted.
    MessagesAccepted,
    /// A request to send was refused, by the API's error code.
    MessagesRefused(ErrorCode),
    /// WhatsApp accepted a message.
    MessagesSent,
    /// An attempt did not reach WhatsApp.
    MessagesNotSent,
    /// Whether WhatsApp accepted an attempt is unknown.
    MessagesUnknown,
    /// A message of unknown outcome was given up, since WhatsApp never reported it.
    MessagesUnconfirmed,
    /// WhatsApp sent or delivered a message that had failed.
    MessagesRecovered,
    /// WhatsApp refused a message, in a response or in a callback, by WhatsApp's error code (a bounded label).
    ProviderErrors(String),
    /// An instance was disconnected, or paused by WhatsApp's policies.
    InstancesStopped,
    /// An update of a callback was stored, or said nothing new.
    CallbacksStored,
    /// An update of a callback has no tag of ours: its message was not sent by us.
    CallbacksUntagged,
    /// A change of a callback is of a kind that is known and not used.
    CallbacksUnused,
    /// Updates of a callback could not be read, and are kept.
    CallbacksUnread,
    /// A callback's signature is invalid.
    CallbacksForged,
    /// A callback of a customer's own app was refused, since it reports more than WhatsApp could.
    CallbacksRefused,
    /// An outcome is unknown and the number's callbacks have stopped.
    CallbacksSilent,
    /// An endpoint accepted an event.
    WebhooksDelivered,
    /// An attempt to deliver an event failed.
    WebhookAttemptsFailed,
    /// The last attempt to deliver an event failed.
    WebhooksExhausted,
    /// A webhook was disabled.
    WebhooksDisabled,
    /// A stream record can never be published, and was put aside.
    StreamRecordsUnreadable,
    /// A message in a queue of what only the operator can resolve, each time that `settle` counts them.
    DeadLettersLeft,
    /// `settle` or `notify` could not process a message of a queue, for the fifth time or a later one.
    QueueMessagesFailing,
    /// A request to an operator endpoint had a wrong admin key.
    AdminKeysRefused,
    /// Something was encrypted or signed with a key that the process does not have.
    KeysUnknown,
    /// Counted beside each metric on which somebody has to act, and when a queue has more dead letters than before: one alarm for all of them.
    Attention,
}

impl Metric {
    /// Whether somebody has to act on each occurrence, however seldom it is.
    const fn needs_attention(&self) -> bool {
        matches!(
            self,
            Self::InstancesStopped
                | Self::CallbacksUnread
                | Self::CallbacksSilent
                | Self::WebhooksExhausted
                | Self::StreamRecordsUnreadable
                | Self::QueueMessagesFailing
                | Self::KeysUnknown
        )
    }

    /// Whether it occurs with every message, so that a line for each would cost too much.
    const fn is_frequent(&self) -> bool {
        matches!(
            self,
            Self::MessagesAccepted
                | Self::MessagesRefused(_)
                | Self::MessagesSent
                | Self::CallbacksStored
                | Self::CallbacksUntagged
                | Self::CallbacksUnused
                | Self::WebhooksDelivered
        )
    }
}

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();
static HAS_RARE_METRICS: AtomicBool = AtomicBool::new(false);
static WRITTEN_AT: AtomicI64 = AtomicI64::new(0);

/// Starts counting, in the namespace `METRICS_NAMESPACE`.
pub fn init() -> Result<(), EnvironmentError> {
    let namespace = environment::text("METRICS_NAMESPACE")?;
    let invalid =
        |error: metrics_cloudwatch_embedded::Error| EnvironmentError::Invalid("METRICS_NAMESPACE", error.to_string());
    let collector = Builder::new().cloudwatch_namespace(namespace).init().map_err(invalid)?;
    COLLECTOR.get_or_init(|| collector);
    WRITTEN_AT.store(clock::now().secs(), Ordering::Relaxed);
    Ok(())
}

/// Counts an occurrence.
pub fn count(metric: Metric) {
    count_many(metric, 1);
}

/// Counts occurrences.
pub fn count_many(metric: Metric, times: u64) {
    if times == 0 {
        return;
    }
    if !metric.is_frequent() {
        HAS_RARE_METRICS.store(true, Ordering::Relaxed);
    }
    if metric.needs_attention() {
        count_many(Metric::Attention, times);
    }
    let name: &'static str = (&metric).into();
    match metric {
        Metric::MessagesRefused(code) => counter!(name, "Reason" => <&str>::from(code)).increment(times),
        Metric::ProviderErrors(code) => {
            counter!(name, "Code" => code).increment(times);
            counter!(name).increment(times); // for the alarm, which has no sum over a dimension
        }
        _ => counter!(name).increment(times),
    }
}

/// Runs an invocation and writes what it counted: rare metrics at once, frequent ones once a minute. The last minute of
/// frequent metrics is lost when Lambda ends a process.
pub async fn flush_after<F: Future>(invocation: F) -> F::Output {
    let output = Box::pin(invocation).await; // boxed: the type would be too deep for the compiler
    let now = clock::now().secs();
    let is_time = now >= WRITTEN_AT.load(Ordering::Relaxed) + AGGREGATION_SECS;
    if HAS_RARE_METRICS.swap(false, Ordering::Relaxed) || is_time {
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
    // One write, so that no other line of the log gets in between.
    if let Err(error) = collector.flush(&mut lines).and_then(|()| io::stdout().lock().write_all(&lines)) {
        tracing::error!(%error, "metrics.write_failed");
    }
}
