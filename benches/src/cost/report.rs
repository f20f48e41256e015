//! The document and its tables.

use std::fmt::Write as _;

use crate::cost::bill::{self, Line};
use crate::cost::counters::Counters;
use crate::cost::files;
use crate::cost::kind::Kind;
use crate::cost::notes;
use crate::cost::others;
use crate::cost::prices;
use crate::cost::rest;
use crate::cost::rows::{cents, number, per_million, row};
use crate::cost::run::Run;
use crate::cost::template::Deployed;
use crate::cost::units::For;

/// The aim, in dollars per million messages.
const AIM: f64 = 10.0;
/// That of a campaign in batches.
const AIM_OF_BATCHES: f64 = 6.70;

/// The whole document.
///
/// # Panics
/// When no kind was measured.
pub fn document(
    kinds: &[Run],
    files: &[files::Run; 2],
    trickle: &Run,
    minute: &Counters,
    metrics: usize,
    deployed: &Deployed,
) -> String {
    let runs = &[kinds.first().expect("a text"), trickle];
    let bills = runs.map(|run| Bill::of(run, deployed));
    let month = rest::lines(minute, deployed);
    let at_rest: f64 = month.iter().map(Line::dollars).sum();
    let mut text = String::new();
    let _ = write!(
        text,
        "# What it costs\n\n\
         A million messages, each with three statuses and three webhooks, cost **{:.2} dollars** at {} a second and **{:.2}** at {} a \
         second, with logs and egress; the aim is {AIM:.0}. {:.2} dollars of this cost keep the messages for {:.0} days. \
         At rest, the deployment costs **{at_rest:.2} dollars a month**.\n\n\
         A program writes this page, from the measured usage of the local stack and AWS's list prices of {} in us-east-1, \
         without any free tier:\n\n\
         ```sh\ncargo run --profile measure -p bench -- cost > docs/cost.md\n```\n\n",
        bills[0].total(),
        runs[0].rate,
        bills[1].total(),
        runs[1].rate,
        per_million(&bills[0].keeping),
        deployed.retention_days(),
        prices::MONTH
    );
    text += &messages(runs, &bills, deployed);
    text += &campaign(kinds, deployed);
    text += &by_kind(kinds, deployed);
    text += &files::section(files, deployed);
    text += &functions(&[runs[0], runs[1], of_kind(kinds, Kind::Batch)], deployed);
    text += &month_table(&month, at_rest, metrics, rest::full_monitoring(deployed));
    text += &others::compared(at_rest, bills[1].total());
    text += &notes::what_changes(runs, deployed);
    text += &notes::assumptions(runs, deployed);
    text += &notes::price_table();
    text
}

/// What a message of a run costs.
struct Bill {
    sending: Vec<Line>,
    keeping: Vec<Line>,
}

impl Bill {
    fn of(run: &Run, deployed: &Deployed) -> Self {
        Self {
            sending: bill::of_sending(&run.used, deployed),
            keeping: bill::of_keeping(&run.used, run.stored, deployed),
        }
    }

    /// Dollars per million messages.
    fn total(&self) -> f64 {
        per_million(&self.sending) + per_million(&self.keeping)
    }
}

fn messages(runs: &[&Run; 2], bills: &[Bill; 2], deployed: &Deployed) -> String {
    let [busy, trickle] = runs;
    let mut text = format!(
        "## A message\n\n\
         Measured over {} messages at {} a second and {} at {} a second: at the low rate few messages share a batch, which \
         costs more requests. Units are per message, dollars per million messages.\n\n\
         | | units | {busy_rate} a second | dollars | {rate} a second | dollars |\n|---|---|--:|--:|--:|--:|\n",
        busy.messages,
        busy.rate,
        trickle.messages,
        trickle.rate,
        busy_rate = busy.rate,
        rate = trickle.rate,
    );
    text += &lines(bills, deployed);
    text
}

fn of_kind(kinds: &[Run], kind: Kind) -> &Run {
    kinds.iter().find(|run| run.kind == kind).expect("it was measured")
}

/// What a message of a campaign costs in batches, and as a request of its own.
fn campaign(kinds: &[Run], deployed: &Deployed) -> String {
    let runs = [of_kind(kinds, Kind::Batch), of_kind(kinds, Kind::Campaign)];
    let written = runs.map(|run| units_of(run, &[For::Write, For::IndexWrite, For::RefusedWrite]));
    let text = format!(
        "## A message of a campaign\n\n\
         The template to {} recipients: in batches, and in requests of their own at {} a second. The aim in batches is {AIM_OF_BATCHES:.2} \
         dollars a million. A message has {:.2} write units in a batch and {:.2} of its own.\n\n\
         | | units | in batches | dollars | of its own | dollars |\n|---|---|--:|--:|--:|--:|\n",
        runs[0].messages, runs[1].rate, written[0], written[1],
    );
    text + &lines(&runs.map(|run| Bill::of(run, deployed)), deployed)
}

/// The lines of two bills side by side.
fn lines(bills: &[Bill; 2], deployed: &Deployed) -> String {
    let mut text = String::new();
    let kept = format!("to keep it for {:.0} days", deployed.retention_days());
    let parts = [
        ("to send it", bills.each_ref().map(|bill| &bill.sending)),
        (&kept, bills.each_ref().map(|bill| &bill.keeping)),
    ];
    for (name, [lines, slow_lines]) in parts {
        for (line, slow) in lines.iter().zip(slow_lines) {
            let _ = writeln!(text, "{}", row([line, slow]));
        }
        let _ =
            writeln!(text, "| **{name}** | | | **{:.2}** | | **{:.2}** |", per_million(lines), per_million(slow_lines));
    }
    let _ = writeln!(text, "| **all** | | | **{:.2}** | | **{:.2}** |\n", bills[0].total(), bills[1].total());
    text
}

fn by_kind(kinds: &[Run], deployed: &Deployed) -> String {
    let mut text = format!(
        "## By kind\n\n\
         {} messages of each kind, a campaign of single requests at {} a second, a batch at its number's share, and the others at {}. Units are per message, dollars per million messages, \
         with logs, egress and {:.0} days of keeping.\n\n\
         | kind | bytes of the final record | write units | read units | dollars |\n|---|--:|--:|--:|--:|\n",
        kinds[0].messages,
        Kind::Campaign.rate(),
        kinds[0].rate,
        deployed.retention_days()
    );
    for run in kinds {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} |",
            run.kind.name(),
            run.stored.record,
            units_of(run, &[For::Write, For::IndexWrite, For::RefusedWrite]),
            units_of(run, &[For::Read]),
            Bill::of(run, deployed).total()
        );
    }
    text + "\n"
}

fn functions(runs: &[&Run], deployed: &Deployed) -> String {
    let mut text = String::from(
        "## By function\n\n\
         Per message. Times are per invocation: on a whole processor, as measured, and as billed with the function's share of a \
         processor.\n\n\
         | function | MB | MB used here | kind | messages a second | invocations | processor ms | billed ms | GB-seconds per million | \
         write units | read units |\n\
         |---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let memory = deployed.memory();
    for run in runs {
        for (name, work) in run.used.functions.iter().filter(|(_, work)| work.invocations > 0.0) {
            let megabytes = memory[name.as_str()];
            let each = |seconds: f64| seconds * 1000.0 / work.invocations;
            let _ = writeln!(
                text,
                "| {name} | {megabytes} | {:.0} | {} | {} | {:.2} | {:.1} | {:.0} | {:.0} | {:.2} | {:.2} |",
                work.megabytes,
                run.kind.name(),
                run.rate,
                work.invocations,
                each(work.cpu),
                each(bill::billed_seconds(work, megabytes)),
                bill::gb_seconds(work, megabytes) * 1e6,
                units(run, name, &[For::Write, For::IndexWrite, For::RefusedWrite]),
                units(run, name, &[For::Read]),
            );
        }
    }
    text + "\n"
}

fn units_of(run: &Run, purposes: &[For]) -> f64 {
    run.used.consumed.iter().filter(|((_, _, of), _)| purposes.contains(of)).map(|(_, units)| units).sum()
}

fn units(run: &Run, function: &str, purposes: &[For]) -> f64 {
    let of = run.used.consumed.iter().filter(|((caller, _, of), _)| caller == function && purposes.contains(of));
    of.fold(0.0, |sum, (_, units)| sum + units)
}

fn month_table(month: &[Line], at_rest: f64, metrics: usize, full_monitoring: f64) -> String {
    let mut text = String::from(
        "## At rest\n\nA month without messages, for a deployment with one account.\n\n\
         | | units a month | | dollars |\n|---|--:|---|--:|\n",
    );
    for line in month {
        let _ =
            writeln!(text, "| {} | {} | {} | {} |", line.what, number(line.units), line.unit, cents(line.dollars()));
    }
    let _ = writeln!(text, "| **all** | | | **{at_rest:.2}** |\n");
    let _ = writeln!(
        text,
        "With `Monitoring=full`, an alarm for each cause and a dashboard, it is {full_monitoring:.2} dollars more. An AWS account's first \
         10 metrics of alarms and 3 dashboards of up to 50 metrics are free, which is not counted here.\n"
    );
    if metrics > 0 {
        let _ = writeln!(
            text,
            "The functions' own metrics cost nothing in hours in which they are not written. The {metrics} that were written \
            during this measurement cost {:.2} dollars in a month in which they are written in every hour.\n",
            prices::METRIC.of(metrics as f64)
        );
    }
    text
}
