//! The figures of one run of one variant.

use std::time::Duration;

use super::metered::Used;
use super::whole::Whole;
use crate::percentiles::{Percentiles, millis};

/// The figures of a run.
pub struct Figures {
    /// Of `send`.
    pub send: OfFunction,
    /// Of `deliver`.
    pub deliver: OfFunction,
    /// From the moment at which a request was due to `sentAt`.
    pub sent: Percentiles,
    /// Of all functions.
    pub whole: Whole,
}

/// The figures of a function; those per message are averages over the messages of the run.
pub struct OfFunction {
    /// From exec to the first poll of the Runtime API, in milliseconds.
    pub start_up: f64,
    /// The first invocation of a process, in milliseconds.
    pub first: f64,
    /// Processor milliseconds of a message.
    pub cpu: f64,
    /// The peak memory of a process, in megabytes.
    pub memory: f64,
    /// Processes at the end.
    pub processes: f64,
    /// Milliseconds of invocation for a message.
    pub busy: f64,
    /// Milliseconds of them that were spent waiting.
    pub waited: f64,
    /// Invocations of a message.
    pub invocations: f64,
    /// Calls of AWS for a message.
    pub calls: f64,
    /// Write units of a message.
    pub written: f64,
    /// Those of Powertools' items, which are among them.
    pub written_for_idempotency: f64,
    /// Read units of a message.
    pub read: f64,
}

impl OfFunction {
    /// From the usage before and after the messages, and the time that each of them waited for WhatsApp.
    pub fn new(start_up: Duration, first: Duration, used: [Used; 2], messages: usize, whatsapp: Duration) -> Self {
        let [before, after] = used;
        let each = |before: f64, after: f64| (after - before) / messages as f64;
        Self {
            start_up: millis(start_up),
            first: millis(first),
            cpu: each(millis(before.cpu), millis(after.cpu)),
            memory: after.memory as f64 / 1024.0,
            processes: after.processes as f64,
            busy: each(millis(before.busy), millis(after.busy)),
            waited: each(millis(before.waited), millis(after.waited)) + millis(whatsapp),
            invocations: each(before.invocations as f64, after.invocations as f64),
            calls: each(before.calls as f64, after.calls as f64),
            written: each(before.written, after.written),
            written_for_idempotency: each(before.written_for_idempotency, after.written_for_idempotency),
            read: each(before.read, after.read),
        }
    }
}
