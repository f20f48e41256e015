//! The circuit breaker of an instance whose calls to WhatsApp get no answer: it pauses, then one message probes whether
//! WhatsApp answers again, and each probe without an answer doubles the pause.
//!
//! Closed: `unanswered` is absent. Open: it is present, and the instance is paused. Half open: the pause is over; the process
//! that begins the next pause may post one message. Only messages that WhatsApp may have accepted are lost to a probe, so
//! there is one at a time.

use std::time::Duration;

use crate::aws::{AccountsTable, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::instance::probe::{PROBE_TIME, RECHECK};
use crate::instance::record::{ConnectionStatus, Instance};

/// The pause after the first call without an answer.
pub const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause between two probes.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The attribute that counts the calls without an answer.
pub(super) const UNANSWERED: &str = "unanswered";

impl Instance {
    /// How long a message waits because the instance is paused, or is being probed.
    pub fn wait(&self, now: Timestamp) -> Option<Duration> {
        let Some(wait) = self.pause_remaining(now) else { return self.probe_remaining(now) };
        Some(if self.unanswered.is_some() { wait.min(RECHECK) } else { wait })
    }
}

impl AccountsTable {
    /// Opens the circuit of an instance: a call got no answer. Without effect when it is open, or paused as long.
    pub async fn open_circuit(&self, instance: &Instance, now: Timestamp) -> Result<(), TableError> {
        let until = now.plus(FIRST_PAUSE);
        let open = UpdateBuilder::new()
            .set(UNANSWERED, 1)
            .set("holdUntil", until)
            .remove("holdCode")
            .when_equal("status", ConnectionStatus::Connected)
            .when_absent(UNANSWERED)
            .when_absent_or_at_most("holdUntil", until);
        if self.update(instance.key(), &open).await?.is_applied() {
            tracing::warn!(instance_id = %instance.id, "instance.circuit_opened");
        }
        Ok(())
    }

    /// Begins a probe of an instance whose circuit is half open, or that a condition of its account has stopped, as it was
    /// read. `false` when another process probes it, or it goes on already.
    pub async fn begin_probe(&self, instance: &Instance, now: Timestamp) -> Result<bool, TableError> {
        let (Some(unanswered), Some(until)) = (instance.unanswered, instance.paused_until) else {
            return if instance.condition().is_some() {
                self.begin_condition_probe(instance, now).await
            } else {
                Ok(true)
            };
        };
        let pause = FIRST_PAUSE.saturating_mul(1 << unanswered.min(5)).min(MAX_PAUSE);
        let probe = UpdateBuilder::new()
            .set(UNANSWERED, unanswered.saturating_add(1))
            .set("holdUntil", now.plus(PROBE_TIME + pause))
            .when_equal(UNANSWERED, unanswered)
            .when_equal("holdUntil", until);
        Ok(self.update(instance.key(), &probe).await?.is_applied())
    }

    /// Closes the circuit of an instance: WhatsApp answers its calls.
    pub async fn close_circuit(&self, instance: &Instance) -> Result<(), TableError> {
        let close = UpdateBuilder::new().remove(UNANSWERED).remove("holdUntil").when_present(UNANSWERED);
        if self.update(instance.key(), &close).await?.is_applied() {
            tracing::info!(instance_id = %instance.id, "instance.circuit_closed");
        }
        Ok(())
    }
}
