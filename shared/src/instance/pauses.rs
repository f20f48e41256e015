//! Pauses of an instance: nothing is sent from it for a while, and its messages wait.
//!
//! A pause that a condition of the account has ([`PauseReason`]) is over when a message shows it: after its time one message
//! at a time is attempted, and an answer other than the condition's ends it. A callback of WhatsApp's, or a connect, ends it
//! at once (docs/adr/0038).

use std::time::Duration;

use crate::aws::{AccountsTable, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::instance::circuit_breaker::UNANSWERED;
use crate::instance::probe::{PROBE_TIME, RECHECK};
use crate::instance::record::{ConnectionStatus, Instance, PAUSE_SEEN};
use crate::ledger::TABLE_WAIT;
use crate::message::record::MAX_EXPIRES_IN;
use crate::observability::{Metric, metrics};
use crate::whatsapp::{ErrorMeaning, GraphError, PauseReason};

/// Calls to WhatsApp without an answer, one after the other, from which on a number counts as silent.
const SILENT_AFTER: u32 = 3;
/// How long messages wait at once for the end of a condition, which may come at any time.
const STEP: Duration = Duration::from_secs(60 * 60);

/// A pause that begins.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    /// Its end, or the time of the first probe.
    pub until: Timestamp,
    /// The condition of the account, if it is one.
    pub reason: Option<PauseReason>,
    /// WhatsApp's code of the error that reported it.
    pub code: Option<i64>,
}

impl Pause {
    /// The pause that follows from an error.
    pub fn new(until: Timestamp, error: &GraphError) -> Self {
        Self { until, reason: error.meaning().pause_reason(), code: Some(error.code) }
    }
}

impl Instance {
    /// The condition of the account that has stopped it, until a message shows that it is over. Earlier versions stored only
    /// the code.
    pub fn condition(&self) -> Option<PauseReason> {
        self.pause_reason.or_else(|| self.pause_code.and_then(|code| ErrorMeaning::find(code).pause_reason()))
    }

    /// Whether a pause changes anything: what happened to an account always does, an error only when the pause is longer.
    pub(super) fn is_paused_less(&self, pause: Pause) -> bool {
        pause.code.is_none() || self.condition_until().is_none_or(|until| until <= pause.until)
    }

    /// How much longer a condition of the account pauses it, and which: until then, requests to send are refused.
    pub fn condition_remaining(&self, now: Timestamp) -> Option<(PauseReason, Duration)> {
        let condition = self.condition()?;
        let wait = now.until(self.condition_until()?);
        (!wait.is_zero()).then_some((condition, wait))
    }

    /// Until when nothing is sent from it, although requests to send are accepted.
    pub fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.connected_number()?;
        self.paused_until.filter(|until| now < *until && self.condition().is_none())
    }

    /// The end of the condition that has stopped it, or the time of the next probe.
    pub fn condition_until(&self) -> Option<Timestamp> {
        self.paused_until.max(self.pause_end)
    }

    /// Whether nothing leaves for longer than a time: it is paused, or a condition of the account has not ended by WhatsApp's word.
    pub fn is_stopped_for_longer(&self, time: Duration, now: Timestamp) -> bool {
        self.condition_until().is_some_and(|until| now.until(until) > time)
    }

    /// Whether single messages show whether anything leaves: WhatsApp has not answered for a while, or a condition of the account may be over.
    pub fn is_probed(&self) -> bool {
        self.condition().is_some() || self.unanswered.is_some_and(|calls| calls >= SILENT_AFTER)
    }

    /// How long a message waits after the instance's pause: because the condition has not ended yet, or because another message
    /// probes whether it has.
    pub(super) fn probe_remaining(&self, now: Timestamp) -> Option<Duration> {
        let wait = |until: Option<Timestamp>| until.map(|until| now.until(until)).filter(|wait| !wait.is_zero());
        let until_end = wait(self.pause_end).map(|wait| wait.min(STEP));
        until_end.or_else(|| wait(self.probe_until).map(|wait| wait.min(RECHECK)))
    }
}

impl AccountsTable {
    /// Pauses an instance, unless it is paused for as long already: all of its messages wait. After a long pause none of them
    /// is there longer than messages wait at most.
    pub async fn pause(&self, instance: &Instance, pause: Pause) -> Result<(), TableError> {
        let now = clock::now();
        let is_news = instance.condition() != pause.reason;
        let update = begun(UpdateBuilder::new(), instance, pause, now)
            .set_some("updatedAt", is_news.then_some(now))
            .when_equal("status", ConnectionStatus::Connected)
            .when_absent_or_at_most("holdUntil", pause.until)
            .when_absent_or_at_most("pauseEnd", pause.until);
        if self.update(instance.key(), &update).await?.is_applied() {
            log(instance, pause, now);
        }
        Ok(())
    }

    /// Ends the pause of a condition that is over. Without effect when another one has begun since.
    pub async fn resume(&self, instance: &Instance) -> Result<(), TableError> {
        let Some(reason) = instance.condition() else { return Ok(()) };
        let update = ended(UpdateBuilder::new()).set("updatedAt", clock::now());
        let update = match instance.paused_until {
            Some(until) => update.when_equal("holdUntil", until),
            None => update.when_present("pk"),
        };
        if self.update(instance.key(), &update).await?.is_applied() {
            tracing::info!(instance_id = %instance.id, reason = reason.name(), "instance.resumed");
        }
        Ok(())
    }

    /// Begins the probe of a condition whose time is over. `false` when another process probes it, or it has begun anew.
    pub(super) async fn begin_condition_probe(&self, instance: &Instance, now: Timestamp) -> Result<bool, TableError> {
        let Some(until) = instance.paused_until else { return Ok(true) };
        let probe = UpdateBuilder::new()
            .set("probeUntil", now.plus(PROBE_TIME))
            .when_equal("holdUntil", until)
            .when_absent_or_at_most("probeUntil", now);
        Ok(self.update(instance.key(), &probe).await?.is_applied())
    }
}

/// Sets what an instance has of a pause that begins.
pub(super) fn begun(update: UpdateBuilder, instance: &Instance, pause: Pause, now: Timestamp) -> UpdateBuilder {
    let Pause { until, reason, code } = pause;
    let waits = now.until(until) > TABLE_WAIT;
    let hold = if reason.is_some() { until.min(now.plus(STEP)) } else { until };
    let since = instance.waits_since.filter(|_| instance.may_have_waiting(now.plus(2 * PAUSE_SEEN))).unwrap_or(now);
    update
        .set("holdUntil", hold)
        .set_or_remove("pauseEnd", Some(until).filter(|until| hold < *until))
        .set_some("waitsSince", waits.then_some(since))
        .set_some("waitsUntil", waits.then(|| until.plus(MAX_EXPIRES_IN)))
        .set_or_remove("holdCode", code)
        .set_or_remove("pauseReason", reason)
        .remove("probeUntil")
        .remove(UNANSWERED)
}

/// Logs a pause that began.
pub(super) fn log(instance: &Instance, pause: Pause, now: Timestamp) {
    if pause.reason.is_some() {
        metrics::count(Metric::InstancesStopped);
    }
    let (seconds, reason) = (now.until(pause.until).as_secs(), pause.reason.map(PauseReason::name));
    tracing::warn!(instance_id = %instance.id, code = pause.code, reason, seconds, "instance.paused");
}

/// Removes what an instance has of a pause.
pub(super) fn ended(update: UpdateBuilder) -> UpdateBuilder {
    update.remove("holdUntil").remove("pauseEnd").remove("holdCode").remove("pauseReason").remove("probeUntil")
}
