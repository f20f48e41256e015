//! The tables of how fast the laptop's stack is.

use std::fmt::Write as _;

use crate::performance::accept::AtRate;
use crate::performance::backlog::{self, Beside, Used};
use crate::performance::burst::{self, Burst};
use crate::performance::campaign::{self, Campaign};
use crate::performance::latencies::Latencies;
use crate::performance::plot::{Plot, Scale};
use crate::performance::report::NamedPlot;
use crate::performance::saturation::{self, Saturation};
use crate::performance::{Figures, told};

const HEAD: &str = "| | p50 ms | p90 ms | p99 ms |\n|---|--:|--:|--:|\n";

/// The sections that were measured.
pub fn sections(figures: &Figures) -> Vec<(String, Vec<NamedPlot>)> {
    let mut sections = Vec::new();
    if !figures.accept.is_empty() || figures.told.is_some() {
        sections.push(latencies(&figures.accept, figures.told.as_ref()));
    }
    sections.extend(figures.saturation.as_ref().map(|measured| (saturation(measured), Vec::new())));
    sections.extend(figures.burst.as_ref().map(burst));
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

fn latencies(accept: &[AtRate], told: Option<&Latencies>) -> (String, Vec<NamedPlot>) {
    let mut text = format!(
        "## Latencies on the laptop †\n\n\
         Requests arrive by an open model: a Poisson process of the rate, whether or not the requests before were answered, and each \
         one's time is counted from the moment in which it was to arrive. Queued to sent is from the record's `createdAt` to its \
         `sentAt`. For callback to webhook, callbacks arrive so at {} a second, each about one message of its own, and the time ends when \
         the webhook is called: dynoxide's stream is asked every 25 ms here (AWS's four times a second), which is most of it. At 200 \
         arrivals a second two cores have little or nothing to spare (see saturation): what waits there is this machine's.\n\n{HEAD}",
        told::RATE
    );
    let mut lines = Vec::new();
    for at in accept {
        let name = format!("accept, {} a second ({} messages a run)", at.rate, at.messages);
        row(&mut text, &name, &at.accept);
        row(&mut text, &format!("queued to sent, {} a second", at.rate), &at.queued_to_sent);
        lines.push((format!("accept, {} a second", at.rate), at.accept.curve()));
        lines.push((format!("queued to sent, {} a second", at.rate), at.queued_to_sent.curve()));
    }
    if let Some(told) = told {
        row(&mut text, "callback to webhook", told);
        lines.push(("callback to webhook".to_owned(), told.curve()));
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
         {} clients send {} messages a run, each as soon as it is answered, from a number that takes 1,000 a second. Accepted is \
         until the last 202; the whole way is until the last of three webhooks of each. Everything shares this machine's cores, the \
         clients too.\n\n\
         | | messages a second |\n|---|--:|\n| accepted | {} |\n| the whole way | {} |\n\n",
        saturation::CLIENTS,
        measured.messages,
        measured.accepted,
        measured.told
    )
}

fn burst(measured: &Burst) -> (String, Vec<NamedPlot>) {
    let [accepted, sent, told] = &measured.seconds;
    let mut text = format!(
        "## A burst of {} †\n\n\
         All arrive in one moment, over {} connections, for a number that takes 1,000 a second, and a message's time to its 202 is counted \
         from that moment. A stack of its own for each run.\n\n\
         | all of them | seconds |\n|---|--:|\n| accepted | {accepted} |\n| sent to WhatsApp | {sent} |\n| told three times | {told} |\n\n{HEAD}",
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
        title: "A burst: messages accepted, sent and told (the last run)",
        x: ("seconds", Scale::Even),
        y: ("messages", Scale::Even),
        lines: vec![line("accepted", 0), line("sent", 1), line("told three times", 2)],
    };
    (text, vec![("burst.svg", plot.svg())])
}

fn campaign(measured: &Campaign) -> (String, Vec<NamedPlot>) {
    let Campaign { waiting, left, throttled, codes, alone, beside } = measured;
    let mut text = format!(
        "## A campaign beside one-time codes †\n\n\
         {} one-time codes a second on one number, Poisson, {codes} a run: from acceptance to sent, alone and while {waiting} messages of a \
         campaign of another account's number wait. The campaign is put into table and queue as `send` would, one message a slot of 1/64 \
         second; {left} of it left while the codes were sent. WhatsApp refused {throttled} posts for their rate.\n\n{HEAD}",
        campaign::RATE
    );
    row(&mut text, "queued to sent, alone", alone);
    row(&mut text, "queued to sent, beside the campaign", beside);
    let ratio = beside.at(99).median() / alone.at(99).median();
    let _ = writeln!(text, "\nThe p99 beside it is {ratio:.2} of the p99 alone.\n");
    let lines = vec![("alone".to_owned(), alone.curve()), ("beside the campaign".to_owned(), beside.curve())];
    (text, vec![("campaign.svg", percentiles("One-time codes, queued to sent, median of the runs", lines))])
}

fn backlog(measured: &[Beside]) -> (String, Vec<NamedPlot>) {
    let mut text = format!(
        "## With a backlog\n\n\
         {} messages a second, Poisson, while others of the same account wait in the bulk queue for slots that are hours ahead, at most \
         20,000 a number. They are put into table and queue as `send` would, and deliver has seen each and given it back, before \
         anything is measured. Calls are those of DynamoDB and SQS, counted at proxies that all calls pass here; processor time is the \
         kernel's; both are one message's with three statuses and three webhooks. \"Servers\" is this program: dynoxide, queues, \
         simulator, Lambda's host, proxies and the clients. The servers' time and the latencies are the laptop's (†).\n\n\
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
        let latencies = [&at.accept, &at.queued_to_sent, &at.told].map(|of| format!("{} | {}", of.at(50), of.at(99)));
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
        line("callback to webhook p99 (ms)", &|at| at.told.at(99).median()),
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
