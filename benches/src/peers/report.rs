//! The figures as a section of Markdown: medians, spreads, ratios, and how each was measured.

use std::fmt::Write as _;

use super::figures::{Figures, OfFunction};
use super::plan::Plan;
use super::variant::Variant;
use crate::cost::assumptions::{AWS_CALL, WHATSAPP_CALL};
use crate::percentiles::millis;
use crate::performance::machine;
use crate::spread::Spread;

/// The mark of a figure that is dominated by waiting, not by the functions.
const MARK: &str = " †";

/// A row: what it is, how many digits it is shown with, and where it is found.
struct Row(String, usize, Box<dyn Fn(&Figures) -> f64>);

/// The section.
pub fn section(taken: &[(Variant, Vec<Figures>)], plan: Plan) -> String {
    let mut text = String::new();
    head(&mut text, taken, plan);
    for row in rows(taken) {
        line(&mut text, &row, taken);
    }
    how(&mut text, plan);
    text
}

fn head(text: &mut String, taken: &[(Variant, Vec<Figures>)], plan: Plan) {
    text.push_str("## Side by side with TypeScript\n\n");
    let Plan { messages, rate, runs } = plan;
    let _ = writeln!(
        text,
        "`send` and `deliver` as a careful team would write them (benches/peers), beside Pombo's, on {}: {runs} runs of each in \
        turns, {messages} messages a run at {rate} a second. Each cell is the median of the runs with minimum and maximum in \
        brackets; the last column is the ratio of the medians. The same functions in Python, which were measured in this way until \
        2026-11-26, took 3.7 times Pombo's CPU, 2 times its memory, 22 to 28 times its start-up, and the same calls and units as \
        those in TypeScript.\n",
        machine::sentence()
    );
    let names: Vec<String> = taken.iter().map(|(variant, _)| variant.to_string()).collect();
    let ratios: Vec<String> = names[1..].iter().map(|name| format!("{name} / {}", names[0])).collect();
    let columns = [names, ratios].concat();
    let _ = writeln!(text, "| | {} |", columns.join(" | "));
    let _ = writeln!(text, "|---|{}", "---:|".repeat(columns.len()));
}

fn rows(taken: &[(Variant, Vec<Figures>)]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut each = |what: &str, digits, of: fn(&OfFunction) -> f64| {
        rows.push(Row(format!("`send`: {what}"), digits, Box::new(move |figures| of(&figures.send))));
        rows.push(Row(format!("`deliver`: {what}"), digits, Box::new(move |figures| of(&figures.deliver))));
    };
    each("start-up, ms", 0, |function| function.start_up);
    each("first invocation, ms", 0, |function| function.first);
    each("CPU a message, ms", 2, |function| function.cpu);
    each("memory, MB", 0, |function| function.memory);
    each("processes at the end", 0, |function| function.processes);
    each("invocations a message", 2, |function| function.invocations);
    each("AWS calls a message", 2, |function| function.calls);
    each("write units a message", 2, |function| function.written);
    each("read units a message", 2, |function| function.read);
    each("time a message, ms", 1, |function| function.busy);
    each("of it not waiting, ms", 1, |function| function.busy - function.waited);
    let both = |of: fn(&OfFunction) -> f64| move |figures: &Figures| of(&figures.send) + of(&figures.deliver);
    rows.push(Row("both: CPU a message, ms".to_owned(), 2, Box::new(both(|function| function.cpu))));
    rows.push(Row("both: write units a message".to_owned(), 2, Box::new(both(|function| function.written))));
    let powertools = both(|function| function.written_for_idempotency);
    rows.push(Row("of them for Powertools' items".to_owned(), 2, Box::new(powertools)));
    let accepted = mark(taken, |figures| &figures.send);
    let sent = mark(taken, |figures| &figures.deliver);
    for percent in [50, 99] {
        let row = move |figures: &Figures| figures.whole.accepted.millis(percent);
        rows.push(Row(format!("request to 202, p{percent}, ms{accepted}"), 0, Box::new(row)));
    }
    for percent in [50, 99] {
        let row = move |figures: &Figures| figures.sent.millis(percent);
        rows.push(Row(format!("request to sent, p{percent}, ms{sent}"), 0, Box::new(row)));
    }
    rows
}

/// The mark, if any variant waits for most of a function's time.
fn mark(taken: &[(Variant, Vec<Figures>)], function: fn(&Figures) -> &OfFunction) -> &'static str {
    let waits = |figures: &Figures| function(figures).waited > function(figures).busy / 2.0;
    let any = taken.iter().any(|(_, figures)| figures.iter().any(waits));
    if any { MARK } else { "" }
}

fn line(text: &mut String, Row(what, digits, of): &Row, taken: &[(Variant, Vec<Figures>)]) {
    let spreads: Vec<Spread> = taken.iter().map(|(_, figures)| Spread::of(figures.iter().map(of))).collect();
    let mut cells: Vec<String> = spreads.iter().map(|spread| cell(spread, *digits)).collect();
    for spread in &spreads[1..] {
        cells.push(ratio(spread, &spreads[0]));
    }
    let _ = writeln!(text, "| {what} | {} |", cells.join(" | "));
}

/// The median with minimum and maximum.
pub fn cell(spread: &Spread, digits: usize) -> String {
    let (median, least, most) = (spread.median(), spread.least(), spread.most());
    format!("{median:.digits$} ({least:.digits$} to {most:.digits$})")
}

/// How many times another figure's median.
pub fn ratio(spread: &Spread, other: &Spread) -> String {
    let ratio = spread.median() / other.median();
    if ratio.is_finite() { format!("{ratio:.1}") } else { "–".to_owned() }
}

fn how(text: &mut String, plan: Plan) {
    let (aws, whatsapp) = (millis(AWS_CALL), millis(WHATSAPP_CALL));
    let Plan { messages, .. } = plan;
    let _ = writeln!(
        text,
        "\nMethod. Each run starts a new stack: the same tables, queues, simulator and runtime host, and Pombo's `receive`, \
        `notify`, `manage` and `settle`, for every variant. Every message is a text with an Idempotency-Key and is processed end \
        to end: the run fails unless each message was accepted once by WhatsApp, paid for once, published to the webhook three \
        times, and read, and unless invalid requests, a repeated request, a refused message, a temporarily refused one and one \
        without an answer have the same results.\n\n\
         - **Start-up**: from exec to the first poll of the Runtime API, one process alone; on AWS the download and the sandbox \
         precede it. The peer runs in AWS's own runtime interface client, Pombo as the bench's own program, which is larger \
         than its bootstraps.\n\
         - **First invocation**: the process's first event, without open connections and with empty caches.\n\
         - **CPU**: of all threads of the function's processes, from the kernel (schedstat), over {messages} messages, after 3 \
         seconds of warm-up with four processes each; a process that starts within them counts in full.\n\
         - **Memory**: the peak resident memory of one process (VmHWM).\n\
         - **Calls and units**: counted between function and server; units as DynamoDB bills them, including refused writes and \
         the double price of transactions. Writes for callbacks are made by `receive` and are the same for all variants.\n\
         - **Time**: duration of an invocation, as Lambda bills it, per message. Every call to AWS takes {aws:.0} ms longer than \
         the local server needs, and every POST to WhatsApp {whatsapp:.0} ms longer, as in docs/cost.md. *Not waiting* is the \
         rest: the function itself, its runtime, and the proxies that the bench inserts.\n\
         - **Request to 202**: at the client, from the moment at which the request was due (open model). **Request to sent**: \
         from the same moment to the `sentAt` of the message's record; it includes the POST to WhatsApp.\n\n\
         †: the servers and those waits dominate this figure, so the number of sequential calls matters more than the language."
    );
}
