//! The document.

use std::fmt::Write as _;

use crate::cost::Run;
use crate::cost::assumptions as assumed;
use crate::cost::bill::{self, Line};
use crate::cost::counters::Counters;
use crate::cost::prices;
use crate::cost::rest;
use crate::cost::template::Deployed;
use crate::cost::units::For;

/// Dollars per million messages that are aimed at.
const AIM: f64 = 10.0;

/// All of it.
pub fn document(runs: &[Run; 2], minute: &Counters, deployed: &Deployed) -> String {
    let bills = [0, 1].map(|run: usize| bill::of_a_message(&runs[run].used, runs[run].stored, deployed));
    let totals = [0, 1].map(|run: usize| per_million(&bills[run]));
    let month = rest::lines(minute, deployed);
    let at_rest: f64 = month.iter().map(Line::dollars).sum();
    let mut text = String::new();
    let _ = write!(
        text,
        "# What it costs\n\n\
         A million messages, each with three statuses and three webhooks, cost **{:.2} dollars** at {} a second and **{:.2}** at {} a \
         second, logs and egress included, of {AIM:.0} that are aimed at. At rest, the deployment costs **{at_rest:.2} dollars a \
         month**.\n\n\
         This page is made by a program, from what the laptop's stack was measured to use and AWS's list prices of {} in us-east-1, \
         without any free tier:\n\n\
         ```sh\ncargo run --profile measure -p bench -- cost > docs/cost.md\n```\n\n",
        totals[0],
        runs[0].rate,
        totals[1],
        runs[1].rate,
        prices::MONTH
    );
    text += &messages(runs, &bills, totals);
    text += &functions(runs, deployed);
    text += &month_table(&month, at_rest);
    text += &what_changes(runs, deployed);
    text += &assumptions(deployed);
    text += &price_table();
    text
}

fn per_million(lines: &[Line]) -> f64 {
    lines.iter().map(Line::dollars).sum::<f64>() * 1e6
}

fn messages(runs: &[Run; 2], bills: &[Vec<Line>; 2], totals: [f64; 2]) -> String {
    let [busy, trickle] = runs;
    let mut text = format!(
        "## A message\n\n\
         Measured over {} messages at {} a second and {} at {} a second: when they come one by one, no two share a batch, which costs more \
         requests. Units are one message's, dollars a million messages'.\n\n\
         | | units | {busy_rate} a second | dollars | {rate} a second | dollars |\n|---|---|--:|--:|--:|--:|\n",
        busy.messages,
        busy.rate,
        trickle.messages,
        trickle.rate,
        busy_rate = busy.rate,
        rate = trickle.rate,
    );
    for (line, slow) in bills[0].iter().zip(&bills[1]) {
        let dollars = [line, slow].map(|line| cents(line.dollars() * 1e6));
        let units = [line, slow].map(|line| number(line.units));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            line.what, line.unit, units[0], dollars[0], units[1], dollars[1]
        );
    }
    let _ = writeln!(text, "| **all** | | | **{:.2}** | | **{:.2}** |\n", totals[0], totals[1]);
    text
}

fn functions(runs: &[Run; 2], deployed: &Deployed) -> String {
    let mut text = String::from(
        "## Its invocations\n\n\
         Processor time is one invocation's on a whole processor, as measured; the billed time is with the function's share of one.\n\n\
         | function | MB | a second | invocations per message | processor ms | billed ms | GB-seconds per million messages |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
    );
    let memory = deployed.memory();
    for run in runs {
        for (name, work) in run.used.functions.iter().filter(|(_, work)| work.invocations > 0.0) {
            let megabytes = memory[name.as_str()];
            let each = |seconds: f64| seconds * 1000.0 / work.invocations;
            let _ = writeln!(
                text,
                "| {name} | {megabytes} | {} | {:.2} | {:.1} | {:.0} | {:.0} |",
                run.rate,
                work.invocations,
                each(work.cpu),
                each(bill::billed_seconds(work, megabytes)),
                bill::gb_seconds(work, megabytes) * 1e6,
            );
        }
    }
    text + "\n"
}

fn month_table(month: &[Line], at_rest: f64) -> String {
    let mut text = String::from(
        "## At rest\n\nA month in which nothing is sent, of a deployment with one account.\n\n\
         | | units a month | | dollars |\n|---|--:|---|--:|\n",
    );
    for line in month {
        let _ =
            writeln!(text, "| {} | {} | {} | {} |", line.what, number(line.units), line.unit, cents(line.dollars()));
    }
    let _ = writeln!(text, "| **all** | | | **{at_rest:.2}** |\n");
    text
}

fn what_changes(runs: &[Run; 2], deployed: &Deployed) -> String {
    let memory = deployed.memory();
    let later = |run: &Run, function: &str| {
        let seconds = run.used.functions[function].invocations * 0.1;
        prices::GB_SECOND.of(seconds * memory[function] / 1024.0) * 1e6
    };
    let [busy, trickle] = runs;
    let written = busy.used.consumed.iter().filter(|((_, table, of), _)| *of == For::Write && table == "Messages");
    let written: f64 = written.map(|(_, units)| units).sum();
    let record = busy.stored.table - 100.0;
    let days = deployed.retention_days();
    format!(
        "## What changes it\n\n\
         - **Longer records.** The record of this text has {record:.0} bytes at its end. Each further kilobyte of it costs {written:.0} write \
         units more, {:.2} dollars.\n\
         - **WhatsApp's and the webhooks' time.** 100 ms more of WhatsApp's cost {:.2} dollars at {} a second and {:.2} at {}; of the \
         webhooks', {:.2} and {:.2}.\n\
         - **How long messages are kept.** Storage and recovery are for {days:.0} days, the default of `RetentionDays`, and go with it.\n\
         - **A campaign.** A message that waits in the bulk queue takes two writes of an index, a query and a second receive more.\n\
         - **Failures.** A message that is tried again, and a webhook that does not answer, cost their tries.\n\
         - **Files.** WhatsApp fetches them from the customer's host; only their address goes through here.\n\n",
        written * prices::WRITE_UNIT.of(1e6),
        later(busy, "deliver"),
        busy.rate,
        later(trickle, "deliver"),
        trickle.rate,
        later(busy, "notify"),
        later(trickle, "notify"),
    )
}

fn assumptions(deployed: &Deployed) -> String {
    format!(
        "## What is measured, and what is assumed\n\n\
         Measured: every call of DynamoDB and SQS and what it consumes, with refused writes; the bytes of the tables, of the logs, and of \
         HTTP to WhatsApp, to webhooks and of the answers; the functions' invocations, their time and their processor time.\n\n\
         - DynamoDB and SQS answer {} ms later than here, WhatsApp {} ms and webhooks {} ms: the stack waits that long while it is \
         measured, so that calls that a function makes side by side count once.\n\
         - The billed time adds to the time measured what the processor's time takes longer at MB / {:.0} of a processor, and half a \
         millisecond of rounding. Lambda lets a short burst run faster than that, so it is the most. The processor was this machine's, \
         not a Graviton; the AWS SDK spoke without TLS, and cold starts are not in it.\n\
         - The simulator reports as fast as it is answered, and several reports in one callback when many wait. Meta's do the same, but \
         nobody knows when.\n\
         - Lambda makes batches of what lies in a queue or a stream at a moment, on AWS with more pollers than here. Between the two rates \
         lies what they can be.\n\
         - Below HTTP, {:.0} bytes for each request or answer that goes out: TLS, TCP, IP and a share of the handshake. Addresses are \
         as short as this machine's.\n\
         - A log line counts {:.0} bytes more than its text, and is kept as {:.0}% of it for {:.0} days.\n\
         - At rest Lambda keeps {:.0} pollers at each queue, as it says for those with a maximum concurrency, each asking every {:.0} \
         seconds. A table's key of KMS is asked for every {:.0} minutes.\n\
         - Reads of the streams by Lambda, items that expire, transfer within the region and the functions' storage cost nothing.\n\n",
        assumed::AWS_CALL.as_millis(),
        assumed::WHATSAPP_CALL.as_millis(),
        assumed::WEBHOOK_CALL.as_millis(),
        assumed::MEGABYTES_OF_A_PROCESSOR,
        assumed::BYTES_BELOW_HTTP,
        assumed::BYTES_OF_A_LOG_LINE,
        assumed::LOG_COMPRESSION * 100.0,
        deployed.retention_days(),
        assumed::POLLERS,
        assumed::LONG_POLL,
        assumed::TABLE_KEY_KEPT / 60.0,
    )
}

fn price_table() -> String {
    let mut text = format!(
        "## Prices\n\nOf {}, us-east-1, dollars.\n\n| | price | for a | page |\n|---|--:|---|---|\n",
        prices::MONTH
    );
    for (name, price) in prices::ALL {
        let _ = writeln!(text, "| {name} | {} | {} | {} |", price.dollars, price.unit, price.page);
    }
    text
}

/// Dollars with cents, or that there are less.
fn cents(dollars: f64) -> String {
    if dollars > 0.0 && dollars < 0.005 { "< 0.01".to_owned() } else { format!("{dollars:.2}") }
}

/// A number with as many digits as it needs.
fn number(units: f64) -> String {
    if units >= 100.0 { format!("{units:.0}") } else { format!("{units:.3}") }
}
