//! The tables of what a message uses and of the functions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::cost::bill::{self, Line};
use crate::cost::counters::{Counters, Traffic, Work};
use crate::cost::template::Deployed;
use crate::cost::units::{For, WRITES};
use crate::cost::{WARM_UP, assumptions};
use crate::performance::figures::Figures;
use crate::performance::per_message::PerMessage;
use crate::performance::plot::{NamedPlot, Plot, Scale};
use crate::performance::resident;
use crate::performance::startup::Startup;
use crate::spread::Spread;

/// A kind of traffic and its name.
type Kind = (&'static str, fn(&Counters) -> Traffic);

/// The sections that were measured.
pub fn sections(figures: &Figures) -> Vec<(String, Vec<NamedPlot>)> {
    let mut sections = Vec::new();
    if let Some(measured) = &figures.per_message {
        let text = a_message(measured) + &by_function(measured) + &calls(measured) + &bytes(measured);
        sections.push((text, Vec::new()));
    }
    if figures.startup.is_some() || figures.per_message.is_some() {
        sections.push((functions(figures), figures.per_message.iter().map(memory).collect()));
    }
    sections
}

fn a_message(measured: &PerMessage) -> String {
    let deployed = Deployed::read();
    let of_a_million = |lines: &[Line]| lines.iter().map(Line::dollars).sum::<f64>() * 1e6;
    let sent = |used: &Counters| of_a_million(&bill::of_sending(used, &deployed));
    let kept = |used: &Counters| of_a_million(&bill::of_keeping(used, measured.stored, &deployed));
    format!(
        "## A message\n\n\
         With three statuses and three webhooks, over {} messages at {} a second (evenly, below the send slots of a number of 80 \
         a second), in slices after {} seconds of warm-up. DynamoDB and SQS answer {} ms later than the local servers would, \
         WhatsApp {} ms and webhooks {} ms, so that batches are like those on AWS. Calls and units are counted at proxies \
         between the functions and their servers (units by the sizes of items, as DynamoDB bills them), bytes at sockets, \
         dollars by the prices and assumptions of [cost.md](cost.md), and processor time is what the kernel accounts to each \
         process.\n\n\
         | | measured | aim |\n|---|--:|--:|\n\
         | write units | {} | 8 |\n\
         | read units | {} | |\n\
         | processor ms, all functions | {} | |\n\
         | dollars per million, to send | {} | |\n\
         | dollars per million, to send and keep for {:.0} days | {} | 10 |\n\n",
        measured.messages,
        measured.rate,
        WARM_UP,
        assumptions::AWS_CALL.as_millis(),
        assumptions::WHATSAPP_CALL.as_millis(),
        assumptions::WEBHOOK_CALL.as_millis(),
        measured.spread(|used| units(used, None, &WRITES)),
        measured.spread(|used| units(used, None, &[For::Read])),
        measured.spread(|used| used.functions.values().map(|work| work.cpu * 1000.0).sum()),
        measured.spread(sent),
        deployed.retention_days(),
        measured.spread(|used| sent(used) + kept(used)),
    )
}

fn by_function(measured: &PerMessage) -> String {
    let mut text = String::from(
        "### By function\n\n\
         Per message, except the milliseconds and records of an invocation. A record is a queue message, a stream record or a \
         status in a callback.\n\n\
         | function | processor ms | ms per invocation | invocations | records per batch | maximum | write units | read units |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let names = measured.slices.iter().flat_map(|used| used.functions.iter());
    let mut names: Vec<_> = names.filter(|(_, work)| work.invocations > 0.01).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let work = |figure: fn(&Work) -> f64| measured.spread(|used| figure(&used.functions[name]));
        let batches = measured.batches.get(name);
        let mean = |records: &Vec<usize>| records.iter().sum::<usize>() as f64 / records.len().max(1) as f64;
        let most = batches.and_then(|slices| slices.iter().flatten().max()).map_or("1".to_owned(), usize::to_string);
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {most} | {} | {} |",
            work(|work| work.cpu * 1000.0),
            work(|work| work.cpu * 1000.0 / work.invocations.max(f64::MIN_POSITIVE)),
            work(|work| work.invocations),
            batches.map_or_else(|| Spread::of([1.0]), |slices| Spread::of(slices.iter().map(mean))),
            measured.spread(|used| units(used, Some(name), &WRITES)),
            measured.spread(|used| units(used, Some(name), &[For::Read])),
        );
    }
    text + "\n"
}

fn calls(measured: &PerMessage) -> String {
    let mut text = String::from(
        "### Calls\n\n\
         Per message. Lambda's own receive and delete of a batch are not included; they are one each for an invocation of \
         `deliver`.\n\n\
         | function | service | operation | calls |\n|---|---|---|--:|\n",
    );
    for ((function, service, operation), count) in measured.calls.iter().filter(|(_, count)| **count >= 0.0005) {
        let _ = writeln!(text, "| {function} | {service} | {operation} | {count:.3} |");
    }
    text + "\n"
}

fn bytes(measured: &PerMessage) -> String {
    let mut text = String::from(
        "### Bytes\n\nPer message, at the sockets, without TLS, TCP and IP.\n\n| | times | bytes |\n|---|--:|--:|\n",
    );
    let kinds: [Kind; 5] = [
        ("to WhatsApp", |used| used.whatsapp),
        ("to webhooks", |used| used.webhooks),
        ("the API's answers", |used| used.api),
        ("answers to callbacks", |used| used.callbacks),
        ("log lines", |used| used.log),
    ];
    for (name, traffic) in kinds {
        let (count, bytes) = (measured.spread(|used| traffic(used).count), measured.spread(|used| traffic(used).bytes));
        let _ = writeln!(text, "| {name} | {count} | {bytes} |");
    }
    let stored = &measured.stored;
    let _ = writeln!(
        text,
        "| stored in the table | 1 | {:.0} |\n| stored in its indexes | {:.0} | {:.0} |\n",
        stored.record, stored.entries, stored.entry_bytes
    );
    text
}

fn functions(figures: &Figures) -> String {
    let mut text = String::from(
        "## A function's process\n\n\
         The bootstrap is the release's, as `infra/try-bootstrap` builds it, and zipped with deflate. The first poll is the time \
         from exec to the first request to Lambda's Runtime API, of that bootstrap; of this program, which contains all six \
         functions, where none was built. The first invocation handles one event in a new process, whose clients have no \
         connection yet (`notify` puts the event into its queue, because it knows no fast endpoint yet); a later one handles \
         another event of the same kind. Resident memory is the kernel's figure for the process that had the most invocations.\n\n\
         | function | bootstrap MB | zipped MB | first poll ms | first invocation ms † | later invocation ms † | resident MB | \
         after invocations |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let nothing = BTreeMap::new();
    let resident = figures.per_message.as_ref().map_or(&nothing, |measured| &measured.resident);
    let memory: BTreeMap<&str, _> = resident::last(resident).collect();
    let empty = BTreeMap::new();
    let startup = figures.startup.as_ref().unwrap_or(&empty);
    for name in startup.keys().map(String::as_str).chain(memory.keys().copied()).collect::<BTreeSet<_>>() {
        let started = startup.get(name);
        let of = |figure: fn(&Startup) -> String| started.map_or_else(|| "–".to_owned(), figure);
        let megabytes = |bytes: usize| format!("{:.1}", bytes as f64 / 1e6);
        let (plain, zipped) = started.and_then(|started| started.size).map_or_else(
            || ("not measured".to_owned(), "in this run".to_owned()),
            |(plain, zipped)| (megabytes(plain), megabytes(zipped)),
        );
        let memory = memory
            .get(name)
            .map_or_else(|| "– | –".to_owned(), |had| format!("{:.1} | {}", had.megabytes, had.invocations));
        let _ = writeln!(
            text,
            "| {name} | {plain} | {zipped} | {} | {} | {} | {memory} |",
            of(|started| started.first_poll.to_string()),
            of(|started| started.first.to_string()),
            of(|started| started.later.to_string()),
        );
    }
    text + "\n"
}

fn memory(measured: &PerMessage) -> NamedPlot {
    let lines = measured.resident.iter().map(|(name, all)| {
        let points = all.iter().map(|had| (had.invocations as f64, had.megabytes));
        (name.clone(), points.collect())
    });
    let plot = Plot {
        title: "Resident memory of each function's busiest process",
        x: ("its invocations so far", Scale::Even),
        y: ("MB", Scale::Even),
        lines: lines.collect(),
    };
    ("memory.svg", plot.svg())
}

fn units(used: &Counters, function: Option<&str>, purposes: &[For]) -> f64 {
    let of = used
        .consumed
        .iter()
        .filter(|((caller, _, of), _)| purposes.contains(of) && function.is_none_or(|function| function == caller));
    of.fold(0.0, |sum, (_, units)| sum + units)
}
