//! What the deployment costs in a month in which nothing is sent.

use crate::cost::assumptions::{FEWEST_POLLERS, LONG_POLL, POLLERS, SECONDS_OF_A_MONTH};
use crate::cost::bill::{Line, gb_seconds};
use crate::cost::counters::Counters;
use crate::cost::metered_stack::{MINUTE, MeteredStack};
use crate::cost::prices;
use crate::cost::template::{Deployed, Monitoring};
use crate::cost::units::{For, WRITES};

/// How many minutes are measured.
const MINUTES: usize = 20;

/// What one minute without messages uses, measured at a stack with one account.
pub async fn minute(stack: &MeteredStack) -> Counters {
    stack.wait_until_idle().await;
    let before = stack.read();
    for _ in 0..MINUTES {
        stack.pass_a_minute().await;
    }
    stack.read().per_message(&before, MINUTES)
}

/// The month's lines.
pub fn lines(minute: &Counters, deployed: &Deployed) -> Vec<Line> {
    let minutes = SECONDS_OF_A_MONTH / MINUTE.as_secs_f64();
    let units = |purposes: &[For]| -> f64 {
        minute.consumed.iter().filter(|((_, _, of), _)| purposes.contains(of)).map(|(_, units)| units * minutes).sum()
    };
    let memory = deployed.memory();
    let invocations: f64 = minute.functions.values().map(|work| work.invocations * minutes).sum();
    let seconds: f64 =
        minute.functions.iter().map(|(name, work)| gb_seconds(work, memory[name.as_str()]) * minutes).sum();
    let own = |fifo: bool| -> f64 {
        let of = minute.requests.iter().filter(|((queue, _), _)| queue.ends_with(".fifo") == fifo);
        of.map(|(_, requests)| requests * minutes).sum()
    };
    vec![
        Line::new("SQS: Lambda's polling of FIFO queues", "requests", polls(deployed, true), prices::FIFO_REQUEST),
        Line::new(
            "SQS: Lambda's polling of standard queues",
            "requests",
            polls(deployed, false),
            prices::STANDARD_REQUEST,
        ),
        // A proxy counts no poll that found nothing: `settle` makes one each minute.
        Line::new("SQS: settle's receives of dead letters", "requests", own(true) + minutes, prices::FIFO_REQUEST),
        Line::new("SQS: its counts of other dead letters", "requests", own(false), prices::STANDARD_REQUEST),
        Line::new("Lambda: settle's schedule every minute, requests", "requests", invocations, prices::INVOCATION),
        Line::new("Lambda: its duration", "GB-seconds", seconds, prices::GB_SECOND),
        Line::new("DynamoDB: its reads", "units", units(&[For::Read]), prices::READ_UNIT),
        Line::new("DynamoDB: its writes", "units", units(&WRITES), prices::WRITE_UNIT),
        Line::new("Secrets", "secrets", deployed.secrets(), prices::SECRET),
        Line::new("Alarms, by metric", "metrics", deployed.alarm_metrics(Monitoring::Basic), prices::ALARM),
    ]
}

/// Dollars that are left of the lines for an AWS account that uses nothing else, beyond the free tier that does not end.
///
/// Free units count for the cheapest lines first: AWS does not say for which kind of queue.
pub fn beyond_the_free_tier(month: &[Line]) -> f64 {
    let mut lines: Vec<_> = month.iter().collect();
    lines.sort_by(|one, other| one.price.of(1.0).total_cmp(&other.price.of(1.0)));
    let mut free = prices::FREE;
    let left = lines.into_iter().map(|line| {
        let of_line = free.iter_mut().find(|free| (free.page, free.unit) == (line.price.page, line.unit));
        let units = of_line.map_or(0.0, |free| {
            let units = free.units.min(line.units);
            free.units -= units;
            units
        });
        line.price.of(line.units - units)
    });
    left.sum()
}

/// What the parameter `Monitoring=full` costs more.
pub fn full_monitoring(deployed: &Deployed) -> f64 {
    let alarms = deployed.alarm_metrics(Monitoring::Full) - deployed.alarm_metrics(Monitoring::Basic);
    prices::ALARM.of(alarms) + prices::DASHBOARD.of(deployed.dashboards(Monitoring::Full))
}

/// Receives of empty queues in a month.
fn polls(deployed: &Deployed, fifo: bool) -> f64 {
    let queues = deployed.polled().into_iter().filter(|(queue, _)| queue.ends_with(".fifo") == fifo);
    let pollers = queues.map(|(_, limited)| if limited || fifo { POLLERS } else { FEWEST_POLLERS });
    pollers.sum::<f64>() * SECONDS_OF_A_MONTH / LONG_POLL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_units_count_once_and_only_for_their_own_service() {
        let line = |unit, units, price| Line::new("", unit, units, price);
        let month = [
            line("requests", 800_000.0, prices::FIFO_REQUEST),
            line("requests", 900_000.0, prices::STANDARD_REQUEST),
            line("requests", 100_000.0, prices::INVOCATION),
            line("secrets", 4.0, prices::SECRET),
        ];
        let left = beyond_the_free_tier(&month);
        assert!((left - (0.35 + 1.60)).abs() < 1e-9, "{left}"); // 700,000 requests of the dearer queue, and the secrets
    }
}
