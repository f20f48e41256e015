//! The document's notes: what changes the cost, what is assumed, the prices.

use std::fmt::Write as _;

use crate::cost::Run;
use crate::cost::assumptions as assumed;
use crate::cost::bill;
use crate::cost::prices;
use crate::cost::template::Deployed;
use crate::cost::units::For;

/// What makes it more or less.
pub fn what_changes(runs: &[Run; 2], deployed: &Deployed) -> String {
    let memory = deployed.memory();
    let later = |run: &Run, function: &str| {
        let seconds = run.used.functions[function].invocations * 0.1;
        prices::GB_SECOND.of(seconds * memory[function] / 1024.0) * 1e6
    };
    let saved = |run: &Run| {
        let works = run.used.functions.iter().map(|(name, work)| (work, memory[name.as_str()]));
        let seconds = works.map(|(work, mb)| bill::gb_seconds(work, mb) - bill::gb_seconds(work, mb / 2.0));
        prices::GB_SECOND.of(seconds.sum()) * 1e6
    };
    let [busy, trickle] = runs;
    let written = busy.used.consumed.iter().filter(|((_, table, of), _)| *of == For::Write && table == "Messages");
    let written: f64 = written.map(|(_, units)| units).sum();
    let record = busy.stored.record;
    let days = deployed.retention_days();
    format!(
        "## What changes it\n\n\
         - **Longer records.** The record of this text has {record:.0} bytes at its end. At each kilobyte it costs \
         {written:.0} write units more, {:.2} dollars.\n\
         - **WhatsApp's and the webhooks' time.** 100 ms more of WhatsApp's cost {:.2} dollars at {} a second and {:.2} at {}; of the \
         webhooks', {:.2} and {:.2}.\n\
         - **Memory.** With half of it, which halves the share of a processor too, all functions' duration would cost {:.2} dollars less at {} \
         a second and {:.2} at {}.\n\
         - **How long messages are kept.** Storage and recovery are for {days:.0} days, the default of `RetentionDays`, and go with it.\n\
         - **A campaign.** A message that waits in the bulk queue takes two writes of an index, a query and a second receive more.\n\
         - **Failures.** A message that is tried again, and a webhook that does not answer, cost their tries.\n\
         - **Files.** WhatsApp fetches them from the customer's host; here they are only looked at.\n\n",
        written * prices::WRITE_UNIT.of(1e6),
        later(busy, "deliver"),
        busy.rate,
        later(trickle, "deliver"),
        trickle.rate,
        later(busy, "notify"),
        later(trickle, "notify"),
        saved(busy),
        busy.rate,
        saved(trickle),
        trickle.rate,
    )
}

/// What stands behind the figures.
pub fn assumptions(runs: &[Run; 2], deployed: &Deployed) -> String {
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
         - Lambda makes batches of what lies in a queue or a stream at a moment. On AWS it reads with more pollers and from more shards than \
         here, so that batches may be smaller at {} a second than they were here; never smaller than at {}.\n\
         - Below HTTP, {:.0} bytes for each request or answer that goes out: TLS, TCP, IP and a share of the handshake. Addresses are \
         as short as this machine's.\n\
         - An item and an entry of an index count {:.0} bytes more than their own. A log line counts {:.0} bytes more than its text, and is kept as {:.0}% of it for {:.0} days; each process writes its metrics as a line a minute.\n\
         - At rest Lambda keeps {:.0} pollers at each queue, as it says for those with a maximum concurrency, each asking every {:.0} \
         seconds.\n\
         - Reads of the streams by Lambda, items that expire, transfer within the region and the functions' storage cost nothing.\n\n",
        assumed::AWS_CALL.as_millis(),
        assumed::WHATSAPP_CALL.as_millis(),
        assumed::WEBHOOK_CALL.as_millis(),
        assumed::MEGABYTES_OF_A_PROCESSOR,
        runs[0].rate,
        runs[1].rate,
        assumed::BYTES_BELOW_HTTP,
        assumed::BYTES_OF_AN_ITEM,
        assumed::BYTES_OF_A_LOG_LINE,
        assumed::LOG_COMPRESSION * 100.0,
        deployed.log_retention_days(),
        assumed::POLLERS,
        assumed::LONG_POLL,
    )
}

/// The prices.
pub fn price_table() -> String {
    let mut text = format!(
        "## Prices\n\nList prices of {}, the newest that could be looked up in November 2026; us-east-1, first tier, dollars.\n\n| | price | for a | page |\n|---|--:|---|---|\n",
        prices::MONTH
    );
    for (name, price) in prices::ALL {
        let _ = writeln!(text, "| {name} | {} | {} | {} |", price.dollars, price.unit, price.page);
    }
    text
}
