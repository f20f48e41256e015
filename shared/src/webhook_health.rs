//! How a webhook's endpoint does, on the webhook's own item: every process reads that anyway, so that all of them leave
//! a dead endpoint alone for the price of a write per failure, and none per success.

use std::time::Duration;

use crate::account_table::AccountTable;
use crate::change::Change;
use crate::clock::Timestamp;
use crate::conditional_write::{TableError, Updated};
use crate::webhook::Webhook;

/// Failures in a row after which an endpoint is left alone for a while.
pub const BREAKS_AT: u32 = 5;
/// How long it is left alone at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(15 * 60));
/// An endpoint that has done nothing but fail for so long is disabled.
pub const DISABLED_AFTER: Duration = Duration::from_secs(5 * 24 * 60 * 60);

impl Webhook {
    /// Until when it is left alone, if it is.
    pub fn left_alone_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.open_until.filter(|until| now < *until)
    }

    /// Whether it has done nothing but fail for five days.
    pub fn is_given_up(&self, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| since.plus(DISABLED_AFTER) <= now)
    }

    /// Forgets all failures: what switches it on again.
    pub fn healthy(change: Change) -> Change {
        change.remove("failures").remove("failingSince").remove("openUntil").remove("disabledReason")
    }
}

impl AccountTable {
    /// Counts a failure; after several in a row the endpoint is left alone, longer each time. Those of attempts that were
    /// under way side by side count as one, or an endpoint that was away for a moment in a burst would be shut out for long.
    pub async fn note_failure(&self, webhook: &Webhook, now: Timestamp) -> Result<(), TableError> {
        let change = Change::new().add("failures", 1).set_once("failingSince", now).when_present("pk");
        let mut change = match webhook.failures {
            0 => change.when_absent_or_equal("failures", 0),
            seen => change.when_equal("failures", seen),
        };
        if let Some(pause) = pause(webhook.failures + 1) {
            change = change.set("openUntil", now.plus(pause));
        }
        self.change(webhook.key(), &change).await.map(drop)
    }

    /// An attempt succeeded: failures are forgotten, if there were any.
    pub async fn note_success(&self, webhook: &Webhook) -> Result<(), TableError> {
        if webhook.failures == 0 {
            return Ok(());
        }
        let change = Change::new().remove("failures").remove("failingSince").remove("openUntil");
        self.change(webhook.key(), &change.when_present("failures")).await.map(drop)
    }

    /// Disables a webhook. `false` when somebody was faster.
    pub async fn disable_webhook(&self, webhook: &Webhook, reason: &str) -> Result<bool, TableError> {
        let change = Change::new().set("active", false).set("disabledReason", reason).when_equal("active", true);
        Ok(matches!(self.change(webhook.key(), &change).await?, Updated::Done(_)))
    }
}

/// How long an endpoint is left alone after so many failures in a row.
fn pause(failures: u32) -> Option<Duration> {
    let more = failures.checked_sub(BREAKS_AT)?;
    Some(PAUSES.0.saturating_mul(2u32.saturating_pow(more)).min(PAUSES.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_left_alone_from_its_fifth_failure_on_and_for_a_quarter_of_an_hour_at_most() {
        let pauses: Vec<_> =
            [1, 4, 5, 6, 7, 11, 500].into_iter().map(|failures| pause(failures).map(|it| it.as_secs())).collect();
        assert_eq!(pauses, [None, None, Some(15), Some(30), Some(60), Some(900), Some(900)]);
    }
}
