//! What the deployment costs in a month in which nothing is sent.

use crate::cost::assumptions::{FEWEST_POLLERS, LONG_POLL, POLLERS, SECONDS_OF_A_MONTH};
use crate::cost::bill::{Line, gb_seconds};
use crate::cost::counters::Counters;
use crate::cost::metered_stack::{MINUTE, MeteredStack};
use crate::cost::prices;
use crate::cost::template::{Deployed, Monitoring};
use crate::cost::units::For;

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
    let writes = [For::Write, For::IndexWrite, For::RefusedWrite];
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
        Line::new("DynamoDB: its writes", "units", units(&writes), prices::WRITE_UNIT),
        Line::new("Secrets", "secrets", deployed.secrets(), prices::SECRET),
        Line::new("Alarms, by metric", "metrics", deployed.alarm_metrics(Monitoring::Basic), prices::ALARM),
    ]
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
