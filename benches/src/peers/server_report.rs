//! The figures of the whole of Pombo and of the server as a section of Markdown, and what is compared with what.

use std::fmt::Write as _;

use super::plan::Plan;
use super::report::{cell, ratio};
use super::server::PROGRAMS;
use super::whole::Whole;
use crate::cost::assumptions::{AWS_CALL, WHATSAPP_CALL};
use crate::percentiles::millis;
use crate::spread::Spread;

/// The parts that are the team's own programs.
const OWN: [&str; 3] = ["functions", "API", "worker"];

/// A figure of a run.
type Figure<'a> = &'a dyn Fn(&Whole) -> f64;

/// The section.
pub fn section(pombo: &[&Whole], server: &[Whole], plan: Plan) -> String {
    let mut text = String::new();
    head(&mut text, plan);
    let server: Vec<&Whole> = server.iter().collect();
    let mut both = |what: &str, digits, figure: Figure<'_>| {
        let [ours, theirs] = [pombo, &server].map(|runs| spread(runs, figure));
        let (ours_cell, theirs_cell) = (cell(&ours, digits), cell(&theirs, digits));
        let _ = writeln!(text, "| {what} | {ours_cell} | {theirs_cell} | {} |", ratio(&theirs, &ours));
    };
    both("own programs: CPU a message, ms", 2, &|whole| whole.cpu(&OWN));
    both("all that runs here: CPU a message, ms", 2, &|whole| whole.cpu(&[]));
    both("all that runs here: memory, MB", 0, &|whole| whole.memory(&[]));
    for percent in [50, 99] {
        both(&format!("request to 202, p{percent}, ms"), 0, &|whole| whole.accepted.millis(percent));
    }
    for percent in [50, 99] {
        both(&format!("request to accepted by WhatsApp, p{percent}, ms"), 0, &|whole| whole.taken.millis(percent));
    }
    text.push_str("\n| the server's programs | CPU a message, ms | CPU a second at rest, ms | memory, MB |\n|---|---:|---:|---:|\n");
    for name in PROGRAMS {
        let cpu = cell(&spread(&server, &|whole| whole.cpu(&[name])), 2);
        let memory = cell(&spread(&server, &|whole| whole.memory(&[name])), 0);
        let at_rest = cell(&spread(&server, &|whole| whole.cpu_at_rest(&[name])), 2);
        let _ = writeln!(text, "| {name} | {cpu} | {at_rest} | {memory} |");
    }
    compared(&mut text);
    text
}

fn spread(runs: &[&Whole], figure: Figure<'_>) -> Spread {
    Spread::of(runs.iter().map(|run| figure(run)))
}

fn head(text: &mut String, plan: Plan) {
    let Plan { messages, rate, runs } = plan;
    let _ = writeln!(
        text,
        "### Beside a server\n\n\
         A gateway as a careful team would write it to run it itself (benches/peers/server): Express, PostgreSQL, BullMQ and Redis, \
         from the API to the webhook, beside all of Pombo's functions, in the same turns: {runs} runs of each, {messages} messages \
         a run at {rate} a second. CPU and memory are those of all programs of a message's whole way.\n\n\
         | | Pombo | server | server / Pombo |\n|---|---:|---:|---:|"
    );
}

fn compared(text: &mut String) {
    let (aws, whatsapp) = (millis(AWS_CALL), millis(WHATSAPP_CALL));
    let _ = writeln!(
        text,
        "\nWhat is compared with what.\n\n\
         - **Processor**: for Pombo that of its functions alone. DynamoDB, SQS, API Gateway and Lambda's own work run on AWS's \
         machines and are in the bill (docs/cost.md), not in this table. The server's database and queue run on the team's machine and \
         are counted.\n\
         - **At rest**: the server's sweeper, queue and database work without messages too; this is part of its CPU a message, \
         the more the fewer messages a second. A function is paid while it works. The server's machine is paid all the time and must \
         be patched, backed up and watched, which no figure here shows.\n\
         - **Warm-up**: the server gets 500 messages before those that count, because its processes live long and V8 compiles what \
         runs often; Pombo's functions get those of the first table.\n\
         - **Memory**: at the end of a run, shared pages divided among the processes that share them. Pombo's is that of all processes \
         that the local host has started, of which AWS would have other numbers.\n\
         - **Time**: Pombo's `send` and `deliver` wait {aws:.0} ms longer for each call to AWS than the local server needs; the server's \
         database is on its own machine, as small teams have it, and nothing is added. Both wait {whatsapp:.0} ms longer for WhatsApp. \
         One machine is also one point of failure: DynamoDB and SQS keep each write in several zones, and a replica that PostgreSQL \
         waits for would add a network's time to each commit.\n\
         - **Durability**: PostgreSQL with `fsync` and `synchronous_commit` on; Redis with `appendfsync everysec`, so that a crash of the \
         machine loses the jobs of the last second, which the server's sweeper finds in PostgreSQL.\n\
         - **The same work**: the checks above, and three webhooks of each message, signed; for the server also that messages are sent once \
         and in order when Redis loses all jobs and the worker is killed, and that a forged callback is refused. What the server leaves \
         out is listed in benches/peers/README.md."
    );
}
