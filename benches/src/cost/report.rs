//! The document and its tables.

use std::fmt::Write as _;

use crate::cost::assumptions::PROVISIONED_USE;
use crate::cost::bill::{self, Line};
use crate::cost::counters::Counters;
use crate::cost::files;
use crate::cost::kind::Kind;
use crate::cost::notes;
use crate::cost::others;
use crate::cost::prices::{self, Price};
use crate::cost::rest;
use crate::cost::rows::{cents, number, per_million, row};
use crate::cost::run::Run;
use crate::cost::template::Deployed;
use crate::cost::units::{For, WRITES};

/// The aim for a template with metadata and a key, in dollars per million messages.
const AIM: f64 = 10.0;
/// That of a month without messages.
const AIM_AT_REST: f64 = 3.0;
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
    let template = of_kind(kinds, Kind::Template);
    let month = rest::lines(minute, deployed);
    let at_rest: f64 = month.iter().map(Line::dollars).sum();
    let mut text = String::new();
    let _ = write!(
        text,
        "# What it costs\n\n\
         A million messages, each with three statuses and three webhooks, cost **{:.2} dollars** at {} a second and **{:.2}** at {} a \
         second, with logs and egress. {:.2} dollars of this cost keep the messages for {:.0} days. \
         A template with metadata and a key costs **{:.2}** at {} a second when DynamoDB is paid by request, and **{:.2}** with \
         [provisioned capacity](#by-kind), as suits a steady load; the aim is {AIM:.0}. \
         At rest, the deployment costs **{at_rest:.2} dollars a month**; the aim is {AIM_AT_REST:.0}.\n\n\
         A program writes this page, from the measured usage of the local stack and AWS's list prices of {} in us-east-1, \
         without any free tier:\n\n\
         ```sh\ncargo run --profile measure -p bench -- cost > docs/cost.md\n```\n\n",
        bills[0].total(),
        runs[0].rate,
        bills[1].total(),
        runs[1].rate,
        per_million(&bills[0].keeping),
        deployed.retention_days(),
        Bill::of(template, deployed).total(),
        template.rate,
        with_provisioned_capacity(template, deployed),
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
    let written = runs.map(|run| units_of(run, &WRITES));
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
         with logs, egress and {:.0} days of keeping. The last column is for a steady load with `TableCapacity=provisioned`, whose \
         units are used to {:.0}%.\n\n\
         | kind | bytes of the final record | write units | read units | dollars | with provisioned capacity |\n|---|--:|--:|--:|--:|--:|\n",
        kinds[0].messages,
        Kind::Campaign.rate(),
        kinds[0].rate,
        deployed.retention_days(),
        PROVISIONED_USE * 100.0,
    );
    for run in kinds {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} |",
            run.kind.name(),
            run.stored.record,
            units_of(run, &WRITES),
            units_of(run, &[For::Read]),
            Bill::of(run, deployed).total(),
            with_provisioned_capacity(run, deployed),
        );
    }
    text + "\n"
}

/// Dollars per million messages when DynamoDB's units are provisioned and used to [`PROVISIONED_USE`].
fn with_provisioned_capacity(run: &Run, deployed: &Deployed) -> f64 {
    let saved = |units: f64, by_request: Price, provisioned: Price| {
        (by_request.of(1e6) - prices::provisioned_million(provisioned) / PROVISIONED_USE) * units
    };
    let writes = saved(units_of(run, &WRITES), prices::WRITE_UNIT, prices::PROVISIONED_WRITE);
    let reads = saved(units_of(run, &[For::Read]), prices::READ_UNIT, prices::PROVISIONED_READ);
    Bill::of(run, deployed).total() - writes - reads
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
                units(run, name, &WRITES),
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
        "**Of an AWS account that uses nothing else, {:.2} dollars a month remain**: AWS's free tier, which does not end, covers a million \
         requests of SQS, a million of Lambda with 400,000 GB-seconds, and 10 metrics of alarms a month.\n\n\
         With `Monitoring=full`, an alarm for each cause and a dashboard, it is {full_monitoring:.2} dollars more. Of these, 3 dashboards of up \
         to 50 metrics are free in each account, which is not counted here.\n",
        rest::beyond_the_free_tier(month),
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
