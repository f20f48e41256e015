//! The document's notes: what changes the cost, what is assumed, the prices.

use std::fmt::Write as _;

use crate::cost::assumptions as assumed;
use crate::cost::bill;
use crate::cost::prices;
use crate::cost::run::Run;
use crate::cost::template::Deployed;
use crate::cost::units::For;

/// Units that the first message of a person costs more than a later one (tests/tests/end_to_end/contact_costs.rs).
const NEW_CONTACT_WRITES: f64 = 4.0;
const NEW_CONTACT_READS: f64 = 4.0;
/// Write units of a message of a known person, and of one that moves the person's place in the list of conversations.
const INBOUND_CONTACT_WRITES: [f64; 2] = [1.0, 3.0];

/// Statuses of a message.
const STATUSES: f64 = 3.0;

/// What raises or lowers the cost.
pub fn what_changes(runs: &[&Run; 2], deployed: &Deployed) -> String {
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
         - **Longer records.** The final record of this text has {record:.0} bytes. Each further kilobyte costs {written:.0} \
         more write units, {:.2} dollars.\n\
         - **Response times.** 100 ms more of WhatsApp's response time cost {:.2} dollars at {} a second and {:.2} at {}; of the \
         webhooks', {:.2} and {:.2}.\n\
         - **Memory.** With half of it, which also halves the share of a processor, the duration of all functions would cost \
         {:.2} dollars less at {} a second and {:.2} at {}.\n\
         - **Retention.** Storage and recovery are for {days:.0} days, the default of `RetentionDays`, and are proportional to \
         it.\n\
         {}\
         - **New people.** The recipients here are known. The first message of a person costs {NEW_CONTACT_WRITES:.0} more write \
         units and {NEW_CONTACT_READS:.0} more read units, {:.2} dollars for a million people; WhatsApp's other spelling of a number \
         costs as much again, once.\n\
         - **What comes in.** A message of a known person costs {:.0} write unit for the time of the person's last message, and \
         {:.0} once in ten minutes: {:.2} to {:.2} dollars for a million.\n\
         - **A campaign.** A message that waits in the bulk queue costs two more writes of an index, a query and a second receive.\n\
         - **Failures.** Each further attempt at a message or a webhook costs its calls.\n\
         - **Files.** What a message names by its URL WhatsApp fetches from the customer's host; Pombo only checks it.\n\n",
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
        provisioned(deployed),
        prices::WRITE_UNIT.of(NEW_CONTACT_WRITES * 1e6) + prices::READ_UNIT.of(NEW_CONTACT_READS * 1e6),
        INBOUND_CONTACT_WRITES[0],
        INBOUND_CONTACT_WRITES[1],
        prices::WRITE_UNIT.of(INBOUND_CONTACT_WRITES[0] * 1e6),
        prices::WRITE_UNIT.of(INBOUND_CONTACT_WRITES[1] * 1e6),
    )
}

/// What capacity that is paid by the hour changes.
fn provisioned(deployed: &Deployed) -> String {
    let million = prices::provisioned_million;
    let [writes, reads] = [prices::PROVISIONED_WRITE, prices::PROVISIONED_READ];
    let pays_from = million(writes) / prices::WRITE_UNIT.of(1e6);
    let (units, parts) = (deployed.min_table_units(), deployed.provisioned());
    let least = (writes.of(1.0) + reads.of(1.0)) * units * parts * assumed::DAYS_OF_A_MONTH * 24.0;
    format!(
        "- **Provisioned capacity.** With `TableCapacity=provisioned` ([operating.md](operating.md#capacity-of-the-tables)) a million write \
         units cost {:.2} dollars and read units {:.2} when all are used: it pays above {:.0}% use, and saves {:.0}% of these lines at the \
         {:.0}% that it aims at. The least of it, {units:.0} units of each of {parts:.0} tables and indexes, is {least:.0} dollars a month.\n",
        million(writes),
        million(reads),
        pays_from * 100.0,
        (1.0 - pays_from / assumed::PROVISIONED_USE) * 100.0,
        assumed::PROVISIONED_USE * 100.0,
    )
}

/// The executions for the statuses of a message on AWS: a lane waits for a status, and then for its window.
fn status_executions(rate: f64, deployed: &Deployed) -> f64 {
    let (lanes, window) = deployed.status_window();
    STATUSES / (1.0 + STATUSES * rate * window / (lanes * assumed::SHARDS))
}

/// The assumptions behind the figures.
pub fn assumptions(runs: &[&Run; 2], deployed: &Deployed) -> String {
    format!(
        "## What is measured, and what is assumed\n\n\
         Measured are: every call to DynamoDB and SQS and what it consumes, including refused writes; the bytes of the tables, \
         the logs, and HTTP to WhatsApp, to webhooks and of the responses; the functions' invocations, duration and processor \
         time.\n\n\
         - DynamoDB and SQS answer {} ms later than the local servers, WhatsApp {} ms and webhooks {} ms: the stack waits that \
         long during the measurement, so that concurrent calls of a function count once.\n\
         - The billed time is the measured time plus the additional processor time at MB / {:.0} of a processor, and half a \
         millisecond of rounding. Lambda lets a short burst run faster than that, so this is an upper bound. The processor was \
         this machine's, not a Graviton; the AWS SDK used no TLS, and cold starts are not included.\n\
         - The simulator reports as fast as it is answered, and combines several reports in one callback when many wait. Meta \
         does the same, but does not document when.\n\
         - Lambda makes batches of what is in a queue or a stream at that moment, and gathers statuses for {:.0} s \
         (`StatusWindowSeconds`) in each of the {:.0} lanes of a shard. On AWS it reads with more pollers than here, and from more \
         shards: a new table's stream has {:.0} instead of one. So batches may be smaller there, and three statuses that come \
         minutes apart, as from a phone that is read later, share none: by arithmetic, they need {:.1} executions of `notify` a \
         message there at {} a second, and {:.1} at {}.\n\
         - Below HTTP, {:.0} bytes are added for each outgoing request or response: TLS, TCP, IP and a share of the handshake. \
         Host names are as short as this machine's.\n\
         - An item and an index entry each count {:.0} bytes of overhead. A log line counts {:.0} bytes more than its text, and \
         is stored as {:.0}% of it for {:.0} days; each process writes its metrics as one line a minute.\n\
         - At rest Lambda keeps {:.0} pollers for each queue, as documented for queues with a maximum concurrency, each polling \
         every {:.0} seconds.\n\
         - Lambda's reads of the streams, expired items, transfer within the region and the functions' storage are free.\n\n",
        assumed::AWS_CALL.as_millis(),
        assumed::WHATSAPP_CALL.as_millis(),
        assumed::WEBHOOK_CALL.as_millis(),
        assumed::MEGABYTES_OF_A_PROCESSOR,
        deployed.status_window().1,
        deployed.status_window().0,
        assumed::SHARDS,
        status_executions(runs[0].rate as f64, deployed),
        runs[0].rate,
        status_executions(runs[1].rate as f64, deployed),
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
        "## Prices\n\nList prices of {}, the newest available in November 2026; us-east-1, first tier, dollars.\n\n| | price | per | page |\n|---|--:|---|---|\n",
        prices::MONTH
    );
    for (name, price) in prices::ALL {
        let _ = writeln!(text, "| {name} | {} | {} | {} |", price.dollars, price.unit, price.page);
    }
    text
}
