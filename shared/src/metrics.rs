//! What the functions count: CloudWatch's embedded metrics, which are lines of the log and cost no call.
//!
//! `infra/observability.yaml` shows them and alarms at them. Each name and each value of a dimension costs 0.30 dollars
//! in a month in which it comes (CloudWatch pricing, custom metrics), so there are few and their values are bounded.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use ::metrics::counter;
use metrics_cloudwatch_embedded::{Builder, Collector};
use strum::{IntoStaticStr, VariantNames};

use crate::api_error::ErrorCode;
use crate::clock;
use crate::environment::{self, EnvironmentError};

/// Seconds for which counts of ordinary things are put together into one line.
const GATHERED_SECS: i64 = 60;

/// Something that is counted.
/// CloudWatch calls it by its name here.
#[derive(Clone, Copy, Debug, Eq, IntoStaticStr, PartialEq, VariantNames)]
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
    /// An update of a callback was stored, or had nothing new.
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
    let name: &'static str = metric.into();
    match metric {
        Metric::MessagesRefused(code) => counter!(name, "Reason" => code.word_and_status().0).increment(times),
        Metric::ProviderErrors(code) => {
            counter!(name, "Code" => label(code)).increment(times);
            counter!(name).increment(times); // for the alarm, which has no sum over a dimension
        }
        _ => counter!(name).increment(times),
    }
}

/// A code of WhatsApp's table (whatsapp-cloud-api, Errors) by itself, every other as `other`: a dimension must be bounded.
fn label(code: i64) -> String {
    match code {
        200..=299 => "200-299".to_owned(), // all of them say that a permission is missing
        0..=4 | 10 | 33 | 100 | 190 | 368 | 80_007 | 130_429 | 130_472 | 130_497 | 131_000..=131_064 => {
            code.to_string()
        }
        132_000..=132_018 | 133_004 | 133_010 | 134_011 | 135_000 => code.to_string(),
        _ => "other".to_owned(),
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
