//! What WhatsApp reports about a number beside its messages: its limits, its quality, and what happened to its business
//! account. What changes is published as `instance.updated`. A report from before the last connect is ignored, since the
//! connect has read the number anew.

use std::time::Duration;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::instance::account_state::AccountState;
use crate::instance::pauses::{self, Pause};
use crate::instance::record::{ConnectionStatus, Instance, Number};
use crate::instance::repository::disconnected;
use crate::whatsapp::NumberNotice;
use crate::whatsapp::management::{APP_SHARED_RATE, HIGH_RATE};

/// WhatsApp's times are whole seconds: one of the second of a connect is not from before it.
const SECOND: Duration = Duration::from_secs(1);

/// The most reports of one time that are known again.
const MAX_REPORTS: usize = 16;

/// What WhatsApp reports of a business account.
#[derive(Debug)]
pub struct AccountReport<'a> {
    /// Derived from its content: a repeat has the same.
    pub id: &'a str,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub state: AccountState,
    /// What follows from it.
    pub consequence: Consequence,
}

/// What follows for an instance from what happened to its business account.
#[derive(Clone, Copy, Debug)]
pub enum Consequence {
    /// Nothing.
    None,
    /// It is paused.
    Pause(Pause),
    /// A condition of the account that has paused it is over.
    Resume,
    /// It is disconnected; its number stays bound to it.
    Disconnect,
}

impl Instance {
    /// Whether a report changes nothing: it is noted, or from before a later one or the last connect.
    fn knows(&self, report: &AccountReport<'_>) -> bool {
        let is_late = self.account_at.is_some_and(|noted| noted > report.at);
        let is_before_connect = self.connected_at.is_some_and(|connected| connected > report.at.plus(SECOND));
        let is_noted = self.reports_of(report.at).iter().any(|noted| noted == report.id);
        is_late || is_before_connect || is_noted || self.account_state.as_ref() == Some(&report.state)
    }

    /// The reports of a time that were noted.
    fn reports_of(&self, at: Timestamp) -> &[String] {
        if self.account_at == Some(at) { &self.account_reports } else { &[] }
    }
}

impl AccountsTable {
    /// Notes other limits of a number.
    pub async fn note_limits(
        &self,
        instance: &Instance,
        number: &Number,
        notice: &NumberNotice,
        at: Timestamp,
    ) -> Result<(), TableError> {
        let is_known =
            |stored: &Option<String>, reported: Option<&str>| reported.is_none_or(|it| stored.as_deref() == Some(it));
        let limit = notice.messaging_limit.as_deref();
        let is_upgrade = notice.is_upgraded && number.rate != HIGH_RATE && number.rate != APP_SHARED_RATE;
        if is_known(&instance.messaging_limit, limit) && is_known(&instance.quality, notice.quality) && !is_upgrade {
            return Ok(());
        }
        let update = UpdateBuilder::new()
            .set_some("messagingLimit", limit)
            .set_some("quality", notice.quality)
            .set_some("number.rate", is_upgrade.then_some(HIGH_RATE))
            .set("limitsAt", at);
        self.note(instance, &number.id, update, "limitsAt", at).await.map(drop)
    }

    /// Notes that a number is shared with WhatsApp's app on a phone, which slows it down.
    pub async fn note_shared_with_app(&self, instance: &Instance, number: &Number) -> Result<(), TableError> {
        if number.rate == APP_SHARED_RATE {
            return Ok(());
        }
        let update = UpdateBuilder::new().set("number.rate", APP_SHARED_RATE).set("updatedAt", clock::now());
        self.update(instance.key(), &update.when_equal("number.id", &number.id)).await.map(drop)
    }

    /// Notes what happened to the business account of a number, and what follows from it. A repeat changes nothing, also of one of
    /// several reports of one time. WhatsApp may repeat a ban and its end at once: each write is built from what the one before it has
    /// left.
    pub async fn note_account(
        &self,
        instance: &Instance,
        number: &Number,
        report: &AccountReport<'_>,
    ) -> Result<(), TableError> {
        let (account, instance, number) = (&instance.account_id, &instance.id, &number.id);
        let noted = until_applied(|| async {
            let seen = self.instance(account, instance).await?;
            let seen = seen.filter(|it| it.number.as_ref().is_some_and(|bound| bound.id == *number));
            match seen {
                Some(seen) if !seen.knows(report) => self.try_to_note_account(&seen, number, report).await,
                _ => Ok(Some(())),
            }
        });
        noted.await?.ok_or(TableError::Conflict)
    }

    /// `None` when the instance has changed since it was read.
    async fn try_to_note_account(
        &self,
        instance: &Instance,
        number_id: &str,
        report: &AccountReport<'_>,
    ) -> Result<Option<()>, TableError> {
        let AccountReport { id, at, state, consequence } = report;
        let (at, consequence) = (*at, *consequence);
        let of_this_time = instance.reports_of(at);
        let now = clock::now();
        let known = of_this_time.iter().map(String::as_str).rev().take(MAX_REPORTS - 1);
        let mut reports: Vec<&str> = known.collect();
        reports.reverse();
        reports.push(id);
        let update = UpdateBuilder::new().set("accountState", state).set("accountAt", at);
        let update = update.set("accountReports", reports);
        let update = match instance.account_reports.as_slice() {
            [] => update.when_absent_or_equal("accountReports", [""; 0]),
            seen => update.when_equal("accountReports", seen),
        };
        let update = match instance.paused_until {
            Some(until) => update.when_equal("holdUntil", until),
            None => update.when_absent("holdUntil"),
        };
        let is_connected = instance.status == ConnectionStatus::Connected;
        let update = match consequence {
            Consequence::Pause(pause) if is_connected && instance.is_paused_less(pause) => {
                pauses::begun(update, instance, pause, now)
            }
            Consequence::Resume if instance.condition().is_some() => pauses::ended(update),
            Consequence::Disconnect if is_connected => disconnected(update).set("disconnectReason", state.to_string()),
            _ => update,
        };
        if !self.note(instance, number_id, update, "accountAt", at).await? {
            return Ok(None);
        }
        if let Consequence::Pause(pause) = consequence {
            pauses::log(instance, pause, now);
        }
        Ok(Some(()))
    }

    /// Writes a report, unless the instance has lost its number, was connected since, or has a later report.
    async fn note(
        &self,
        instance: &Instance,
        number_id: &str,
        update: UpdateBuilder,
        time: &str,
        at: Timestamp,
    ) -> Result<bool, TableError> {
        let update = update
            .set("updatedAt", clock::now())
            .when_equal("number.id", number_id)
            .when_absent_or_at_most("connectedAt", at.plus(SECOND))
            .when_absent_or_at_most(time, at);
        let is_noted = self.update(instance.key(), &update).await?.is_applied();
        if is_noted {
            tracing::info!(instance_id = %instance.id, "instance.updated");
        }
        Ok(is_noted)
    }
}
