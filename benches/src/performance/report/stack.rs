//! The tables of the local stack's speed.

use std::fmt::Write as _;

use shared::batch::MAX_RECIPIENTS;

use crate::cost::assumptions;
use crate::performance::accept::AtRate;
use crate::performance::backlog::{self, Beside, Used};
use crate::performance::batches::Batches;
use crate::performance::burst::{self, Burst};
use crate::performance::campaign::{self, Campaign, Codes};
use crate::performance::figures::Figures;
use crate::performance::latencies::Latencies;
use crate::performance::plot::{NamedPlot, Plot, Scale};
use crate::performance::saturation::{self, Saturation};
use crate::performance::webhook_latency;

const HEAD: &str = "| | p50 ms | p90 ms | p99 ms |\n|---|--:|--:|--:|\n";

/// The sections that were measured.
pub fn sections(figures: &Figures) -> Vec<(String, Vec<NamedPlot>)> {
    let mut sections = Vec::new();
    if !figures.accept.is_empty() || figures.webhook_latency.is_some() {
        sections.push(latencies(&figures.accept, figures.webhook_latency.as_ref()));
    }
    sections.extend(figures.saturation.as_ref().map(|measured| (saturation(measured), Vec::new())));
    sections.extend(figures.burst.as_ref().map(burst));
    sections.extend(figures.batches.as_ref().map(|measured| (batches(measured), Vec::new())));
    sections.extend(figures.campaign.as_ref().map(campaign));
    if !figures.backlog.is_empty() {
        sections.push(backlog(&figures.backlog));
    }
    sections
}

fn row(text: &mut String, name: &str, latencies: &Latencies) {
    let [half, most, nearly_all] = [50, 90, 99].map(|percent| latencies.at(percent));
    let _ = writeln!(text, "| {name} | {half} | {most} | {nearly_all} |");
}

fn latencies(accept: &[AtRate], notified: Option<&Latencies>) -> (String, Vec<NamedPlot>) {
    let mut text = format!(
        "## Latencies of the local stack †\n\n\
         Requests arrive by an open model: a Poisson process of the given rate, whether or not earlier requests were answered. \
         Each request's time counts from its scheduled arrival. Queued to sent is the time from the record's `createdAt` to its \
         `sentAt`. For callback to webhook, callbacks arrive in the same way at {} a second, each about a separate message, and \
         the time ends when the webhook is called, without the second for which a deployment gathers statuses \
         (`StatusWindowSeconds`): dynoxide's stream is polled every 25 ms here (AWS's four times a second), \
         which is most of it. At 200 arrivals a second two cores are nearly or fully busy (see saturation), so those waits are \
         this machine's.\n\n{HEAD}",
        webhook_latency::RATE
    );
    let mut lines = Vec::new();
    for at in accept {
        let name = format!("accept, {} a second ({} messages a run)", at.rate, at.messages);
        row(&mut text, &name, &at.accept);
        row(&mut text, &format!("queued to sent, {} a second", at.rate), &at.queued_to_sent);
        lines.push((format!("accept, {} a second", at.rate), at.accept.curve()));
        lines.push((format!("queued to sent, {} a second", at.rate), at.queued_to_sent.curve()));
    }
    if let Some(notified) = notified {
        row(&mut text, "callback to webhook", notified);
        lines.push(("callback to webhook".to_owned(), notified.curve()));
    }
    text.push('\n');
    (text, vec![("latencies.svg", percentiles("Latencies, median of the runs", lines))])
}

fn percentiles(title: &'static str, lines: Vec<(String, Vec<(f64, f64)>)>) -> String {
    Plot { title, x: ("percentile", Scale::Even), y: ("ms", Scale::Tens), lines }.svg()
}

fn saturation(measured: &Saturation) -> String {
    format!(
        "## Saturation †\n\n\
         {} clients send {} messages a run, each as soon as the previous one is answered, from a number that accepts 1,000 a \
         second. Accepted counts until the last 202; end to end counts until the last of three webhooks of each message. \
         Everything shares this machine's cores, including the clients.\n\n\
         | | messages a second |\n|---|--:|\n| accepted | {} |\n| end to end | {} |\n\n",
        saturation::CLIENTS,
        measured.messages,
        measured.accepted,
        measured.notified
    )
}

fn burst(measured: &Burst) -> (String, Vec<NamedPlot>) {
    let [accepted, sent, notified] = &measured.seconds;
    let mut text = format!(
        "## A burst of {} †\n\n\
         All requests arrive at the same moment, over {} connections, for a number that accepts 1,000 a second. The time to a \
         202 counts from that moment. Each run starts a new stack.\n\n\
         | all messages | seconds |\n|---|--:|\n| accepted | {accepted} |\n| sent to WhatsApp | {sent} |\n| three webhooks called | {notified} |\n\n{HEAD}",
        measured.messages,
        burst::CONNECTIONS
    );
    row(&mut text, "accept", &measured.accept);
    text.push('\n');
    let line = |name: &str, stage: usize| {
        let points = measured.course.iter().map(|(second, counts)| (*second, counts[stage] as f64));
        (name.to_owned(), points.collect())
    };
    let plot = Plot {
        title: "A burst: messages accepted, sent and published (last run)",
        x: ("seconds", Scale::Even),
        y: ("messages", Scale::Even),
        lines: vec![line("accepted", 0), line("sent", 1), line("three webhooks", 2)],
    };
    (text, vec![("burst.svg", plot.svg())])
}

fn batches(measured: &Batches) -> String {
    let Batches { accept, rates: [in_batches, singly], memory: [before, after] } = measured;
    format!(
        "## Batches †\n\n\
         Batches of {MAX_RECIPIENTS} recipients from a number that accepts 1,000 a second, one after the other, each when the messages before have \
         ended; and as many single requests of {} clients in the same run. A batch's records are inserted 16 at a time, each in some 8 ms on \
         AWS, which is 2,000 a second there.\n\n\
         | | |\n|---|--:|\n\
         | milliseconds until a batch is accepted | {accept} |\n\
         | messages a second accepted, in a batch | {in_batches} |\n\
         | messages a second accepted, in requests of their own | {singly} |\n\
         | memory of `send`, before the first batch, MB | {before:.0} |\n\
         | memory of `send`, after the last, MB | {after:.0} |\n\n",
        saturation::CLIENTS,
    )
}

fn campaign(measured: &Campaign) -> (String, Vec<NamedPlot>) {
    let Campaign { messages, accept, left, throttled, codes, same_number, other_account } = measured;
    let mut text = format!(
        "## A campaign beside one-time codes †\n\n\
         {} one-time codes a second, Poisson, {codes} a run: from acceptance to sent, alone and while a campaign of {messages} messages leaves \
         from the same number and from another account's, both of 80 messages a second. DynamoDB and SQS answer {} ms later than the local \
         servers would, and WhatsApp {} ms. A campaign shares this machine's \
         processors with them, as no function does on AWS; so the codes are also measured while the same campaign leaves from a stack of its own \
         on this machine, with which they share nothing else. The campaign comes in batches of {MAX_RECIPIENTS}, each accepted \
         within {accept} ms; {left} of its messages left while the codes were sent. WhatsApp refused {throttled} posts because of a number's \
         rate.\n\n{HEAD}",
        campaign::RATE,
        assumptions::AWS_CALL.as_millis(),
        assumptions::WHATSAPP_CALL.as_millis(),
    );
    let mut lines = Vec::new();
    for (whose, Codes { alone, apart, beside }) in [("same number", same_number), ("another account", other_account)] {
        for (name, latencies) in
            [("alone", alone), ("beside the campaign of a stack of its own", apart), ("beside the campaign", beside)]
        {
            row(&mut text, &format!("{whose}, {name}"), latencies);
            lines.push((format!("{whose}, {name}"), latencies.curve()));
        }
    }
    let ratio = |beside: &Latencies, other: &Latencies| beside.at(99).median() / other.at(99).median();
    let _ = writeln!(
        text,
        "\nOn the same number, the p99 beside the campaign is {:.2} times the p99 beside the campaign of a stack of its own, and {:.2} times the p99 \
         alone; on another account's {:.2} and {:.2} times.\n",
        ratio(&same_number.beside, &same_number.apart),
        ratio(&same_number.beside, &same_number.alone),
        ratio(&other_account.beside, &other_account.apart),
        ratio(&other_account.beside, &other_account.alone),
    );
    (text, vec![("campaign.svg", percentiles("One-time codes, queued to sent, median of the runs", lines))])
}

fn backlog(measured: &[Beside]) -> (String, Vec<NamedPlot>) {
    let mut text = format!(
        "## With a backlog\n\n\
         {} messages a second, Poisson, while other messages of the same account wait in the table for send slots that are \
         hours ahead, at most 20,000 per number. They are written there as `send` would before the measurement begins. Calls are those to DynamoDB and SQS, counted at proxies; \
         processor time is the kernel's; both are per message, with three statuses and three webhooks. \"Servers\" is this \
         program: dynoxide, queues, simulator, Lambda host, proxies and the clients. The servers' time and the latencies depend \
         on the local servers (†).\n\n\
         | messages waiting | calls | write units | read units | functions' processor ms | servers' processor ms † |\n\
         |--:|--:|--:|--:|--:|--:|\n",
        backlog::RATE
    );
    for at in measured {
        let figures: [fn(&Used) -> f64; 5] =
            [|used| used.calls, |used| used.writes, |used| used.reads, |used| used.functions, |used| used.servers];
        let [calls, writes, reads, functions, servers] = figures.map(|figure| at.spread(figure));
        let _ = writeln!(text, "| {} | {calls} | {writes} | {reads} | {functions} | {servers} |", at.backlog);
    }
    text.push_str(
        "\n| messages waiting | accept p50 ms † | p99 ms † | queued to sent p50 ms † | p99 ms † | callback to webhook p50 ms † | p99 ms † |\n\
         |--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for at in measured {
        let latencies =
            [&at.accept, &at.queued_to_sent, &at.notified].map(|of| format!("{} | {}", of.at(50), of.at(99)));
        let _ = writeln!(text, "| {} | {} |", at.backlog, latencies.join(" | "));
    }
    text.push('\n');
    let line = |name: &str, of: &dyn Fn(&Beside) -> f64| {
        (name.to_owned(), measured.iter().map(|at| (at.backlog.max(1) as f64, of(at))).collect())
    };
    let lines = vec![
        line("accept p50 (ms)", &|at| at.accept.at(50).median()),
        line("accept p99 (ms)", &|at| at.accept.at(99).median()),
        line("queued to sent p50 (ms)", &|at| at.queued_to_sent.at(50).median()),
        line("queued to sent p99 (ms)", &|at| at.queued_to_sent.at(99).median()),
        line("callback to webhook p99 (ms)", &|at| at.notified.at(99).median()),
        line("functions' processor ms of a message", &|at| at.spread(|used| used.functions).median()),
        line("servers' processor ms of a message", &|at| at.spread(|used| used.servers).median()),
    ];
    let plot = Plot {
        title: "Beside a backlog",
        x: ("messages waiting (0 is at 1)", Scale::Tens),
        y: ("ms", Scale::Tens),
        lines,
    };
    (text, vec![("backlog.svg", plot.svg())])
}
