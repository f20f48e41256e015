//! The bill of a message, line by line.

use crate::cost::assumptions::{
    BYTES_BELOW_HTTP, BYTES_OF_A_LOG_LINE, DAYS_OF_A_MONTH, DURATION_STEP, LOG_COMPRESSION, MEGABYTES_OF_A_PROCESSOR,
};
use crate::cost::counters::{Counters, Stored, Traffic, Work};
use crate::cost::prices::{self, Price};
use crate::cost::template::Deployed;
use crate::cost::units::For;

/// A line of the bill: units at a price.
#[derive(Clone, Debug)]
pub struct Line {
    /// What is billed.
    pub what: String,
    /// The name of its units.
    pub unit: &'static str,
    /// How many.
    pub units: f64,
    /// The price.
    pub price: Price,
}

impl Line {
    /// A line.
    pub fn new(what: impl Into<String>, unit: &'static str, units: f64, price: Price) -> Self {
        Self { what: what.into(), unit, units: units + 0.0, price } // an empty sum is -0
    }

    /// What it costs.
    pub fn dollars(&self) -> f64 {
        self.price.of(self.units)
    }
}

/// What it costs to send one message, given the usage of one message.
pub fn of_sending(used: &Counters, deployed: &Deployed) -> Vec<Line> {
    let mut lines = units(used);
    lines.extend(requests(used, deployed));
    lines.extend(bytes(used, deployed));
    lines
}

/// What it costs to keep the message and its log lines for the retention in the template.
pub fn of_keeping(used: &Counters, stored: Stored, deployed: &Deployed) -> Vec<Line> {
    let months = deployed.retention_days() / DAYS_OF_A_MONTH;
    let log_months = deployed.log_retention_days() / DAYS_OF_A_MONTH;
    let logged = logged(used.log) + logged(access_log(used, deployed));
    let unit = "byte-months";
    vec![
        Line::new("DynamoDB: storage", unit, (stored.in_table() + stored.in_indexes()) * months, prices::TABLE_STORAGE),
        Line::new("DynamoDB: point-in-time recovery", unit, stored.in_table() * months, prices::RECOVERY),
        Line::new("Logs: storage", unit, logged * LOG_COMPRESSION * log_months, prices::LOG_STORAGE),
    ]
}

fn units(used: &Counters) -> Vec<Line> {
    let units = |table: Option<&str>, purpose: For| -> f64 {
        let of = used.consumed.iter().filter(|((_, name, of), _)| *of == purpose && table.is_none_or(|it| it == name));
        of.map(|(_, units)| units).sum()
    };
    let (write, read) = (prices::WRITE_UNIT, prices::READ_UNIT);
    vec![
        Line::new("DynamoDB: writes of the record", "units", units(Some("Messages"), For::Write), write),
        Line::new("DynamoDB: index entries", "units", units(None, For::IndexWrite), write),
        Line::new("DynamoDB: writes of the account", "units", units(Some("Accounts"), For::Write), write),
        Line::new("DynamoDB: writes of contacts", "units", units(Some("Contacts"), For::Write), write),
        Line::new("DynamoDB: refused writes", "units", units(None, For::RefusedWrite), write),
        Line::new("DynamoDB: reads", "units", units(None, For::Read), read),
    ]
}

fn requests(used: &Counters, deployed: &Deployed) -> Vec<Line> {
    let own = |fifo: bool| -> f64 {
        let of = used.requests.iter().filter(|((queue, _), _)| queue.ends_with(".fifo") == fifo);
        of.map(|(_, requests)| requests).sum()
    };
    // Lambda receives and deletes each batch: deliver's are all of FIFO queues, and what a function puts into a standard
    // one comes back in a batch of one at worst.
    let fifo_batches = used.functions["deliver"].invocations;
    let invocations: f64 = used.functions.values().map(|work| work.invocations).sum();
    let memory = deployed.memory();
    let gb_seconds: f64 = used.functions.iter().map(|(name, work)| gb_seconds(work, memory[name.as_str()])).sum();
    vec![
        Line::new("SQS: FIFO queues", "requests", own(true) + 2.0 * fifo_batches, prices::FIFO_REQUEST),
        Line::new("SQS: standard queues", "requests", 3.0 * own(false), prices::FAIR_REQUEST),
        Line::new("API Gateway", "requests", used.api.count, prices::API_REQUEST),
        Line::new("Lambda: requests", "requests", invocations, prices::INVOCATION),
        Line::new("Lambda: duration", "GB-seconds", gb_seconds, prices::GB_SECOND),
    ]
}

fn bytes(used: &Counters, deployed: &Deployed) -> Vec<Line> {
    let out = |traffic: Traffic| traffic.bytes + traffic.count * BYTES_BELOW_HTTP;
    vec![
        Line::new("Logs: the functions' lines", "bytes", logged(used.log), prices::LOG),
        Line::new("Logs: the API's access log", "bytes", logged(access_log(used, deployed)), prices::LOG),
        Line::new("Egress: to WhatsApp", "bytes", out(used.whatsapp), prices::EGRESS),
        Line::new("Egress: to webhooks", "bytes", out(used.webhooks), prices::EGRESS),
        Line::new("Egress: the API's answers", "bytes", out(used.api), prices::EGRESS),
        Line::new("Egress: answers to callbacks", "bytes", out(used.callbacks), prices::EGRESS),
    ]
}

/// The bytes that CloudWatch counts for lines of a log.
fn logged(log: Traffic) -> f64 {
    log.bytes + log.count * BYTES_OF_A_LOG_LINE
}

/// A line for each request, when there is an access log.
fn access_log(used: &Counters, deployed: &Deployed) -> Traffic {
    let line = deployed.access_log_line();
    let count = if line > 0.0 { used.api.count } else { 0.0 };
    Traffic { count, bytes: count * line }
}

/// The seconds that Lambda bills for work of a function with so much memory.
///
/// Of a processor it has only a share, so what took processor time here takes longer there; waiting takes as long. That
/// is the most it can be: what is waited for, a share's allowance recovers in.
pub fn billed_seconds(work: &Work, megabytes: f64) -> f64 {
    let share = (megabytes / MEGABYTES_OF_A_PROCESSOR).min(1.0);
    let rounding = work.invocations * DURATION_STEP / 2.0;
    work.busy + work.cpu * (1.0 / share - 1.0) + rounding
}

/// The same in GB-seconds.
pub fn gb_seconds(work: &Work, megabytes: f64) -> f64 {
    billed_seconds(work, megabytes) * megabytes / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_a_processor_takes_longer_and_each_invocation_is_rounded_up() {
        let work = Work { invocations: 2.0, busy: 0.100, cpu: 0.010, megabytes: 0.0 };
        let whole = billed_seconds(&work, 2048.0);
        assert!((whole - 0.101).abs() < 1e-12, "{whole}");
        let eighth = billed_seconds(&work, MEGABYTES_OF_A_PROCESSOR / 8.0);
        assert!((eighth - 0.171).abs() < 1e-12, "{eighth}"); // 90 ms of waiting, 8 x 10 ms of work, 2 x half a millisecond
        let gigabyte = gb_seconds(&Work { cpu: 0.0, ..work }, 512.0);
        assert!((gigabyte - 0.0505).abs() < 1e-12, "{gigabyte}");
    }

    #[test]
    fn a_line_s_dollars_are_its_units_at_its_price() {
        let million = |units: f64, price: Price| Line::new("", "", units, price).dollars() * 1e6;
        assert!((million(3.0, prices::WRITE_UNIT) - 1.875).abs() < 1e-9);
        assert!((million(1024.0, prices::LOG) - 1e6 / 1024.0 / 1024.0 * 0.5).abs() < 1e-9);
        assert!((million(1.0, prices::GB_SECOND) - 13.3334).abs() < 1e-9);
    }
}
