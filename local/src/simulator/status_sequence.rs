//! Sends the statuses of a message one after the other, as far as the phone is online and its owner reads.

use super::graph_error::GraphError;
use super::ledger::AcceptedMessage;
use super::people::RemainingStatuses;
use super::state::Simulator;
use super::status_plan::{Status, StatusPlan, Timing};
use super::status_report::StatusReport;

impl Simulator {
    /// Sends each status callback after the one before it is acknowledged.
    pub(super) async fn send_callbacks(self, message: AcceptedMessage, plan: StatusPlan, at: i64) {
        self.send_remaining(RemainingStatuses { message, plan, next: 0 }, at).await;
    }

    /// Sends statuses that have waited; the first of them happens now.
    pub(super) fn resume(&self, all: Vec<RemainingStatuses>) {
        let now = self.clock.now();
        for statuses in all {
            let first = statuses.plan.statuses[statuses.next];
            let at = now - first.delay().as_millis() as i64;
            tokio::spawn(self.clone().send_remaining(statuses, at));
        }
    }

    async fn send_remaining(self, mut statuses: RemainingStatuses, at: i64) {
        let plan = statuses.plan;
        let (begun, delay) = match plan.timing {
            Timing::AfterResponse | Timing::BeforeResponse => (at, 0),
            Timing::DelayedStatuses(delay) => (at + delay.as_millis() as i64, 0),
            Timing::DelayedCallbacks(delay) => (at, delay.as_millis() as i64),
        };
        let category = self.templates.category(&statuses.message.message);
        while let Some(status) = plan.statuses.get(statuses.next).copied() {
            let happened = begun + status.delay().as_millis() as i64;
            self.clock.sleep_until(happened + delay).await;
            if !self.may_report(&statuses) {
                return;
            }
            let message = &statuses.message;
            let report = match status {
                Status::Failed => {
                    let error = GraphError::new(plan.error_code, plan.error_details);
                    StatusReport::failed(message, &error, happened)
                }
                _ => StatusReport::new(message, status.as_ref(), happened),
            };
            let report = if plan.has_price(status) { report.with_price(&category) } else { report };
            for _ in 0..plan.repetitions {
                self.callbacks.send(&report, &self.clock).await;
            }
            statuses.next += 1;
        }
    }
}
