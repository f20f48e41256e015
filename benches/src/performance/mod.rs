//! Measures Pombo's speed and resource usage on this machine: docs/performance.md.

mod accept;
mod arrivals;
mod backlog;
mod batches;
mod burst;
mod campaign;
mod figures;
mod latencies;
mod load;
pub mod machine;
mod per_message;
mod plot;
mod report;
mod resident;
mod saturation;
mod startup;
mod waiting;
pub mod webhook_latency;

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};

use figures::Figures;

/// Seconds of arrivals of a run at a rate.
const SECONDS: usize = 10;

/// The options of the measurement.
#[derive(Debug, Args)]
pub struct Settings {
    /// Runs of each figure
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Messages of what is measured per message, and of a burst
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
    /// The backlogs, each greater than the one before
    #[arg(long, value_delimiter = ',', default_value = "0,1000,10000,100000")]
    backlogs: Vec<usize>,
    /// Messages of the campaign
    #[arg(long, default_value_t = 100_000)]
    campaign: usize,
    /// A trial: two short runs of everything
    #[arg(long)]
    quick: bool,
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Where `cargo lambda build --release` (infra/try-bootstrap) has put the bootstraps
    #[arg(long, default_value = "target/lambda")]
    bootstraps: PathBuf,
    /// The folder of the document
    #[arg(long, default_value = "docs")]
    out: PathBuf,
}

/// A part of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Part {
    /// What a message uses
    PerMessage,
    /// How functions start
    Startup,
    /// Accept, and queued to sent
    Accept,
    /// Callback to webhook
    WebhookLatency,
    /// Messages a second at saturation
    Saturation,
    /// Messages that all arrive at once
    Burst,
    /// Batches beside as many requests of their own
    Batches,
    /// One-time codes beside a campaign
    Campaign,
    /// Beside messages that wait
    Backlog,
}

/// Measures it and writes the document and its plots.
///
/// # Panics
/// When they can't be written.
pub async fn measure(program: &str, settings: Settings) {
    let settings = if settings.quick { settings.quickly() } else { settings };
    let begun = Instant::now();
    let mut figures = settings.measure(program).await;
    figures.took = begun.elapsed();
    report::write(&settings.out, &figures).expect("the document can be written");
    eprintln!("{} in {:.0} s", settings.out.join("performance.md").display(), figures.took.as_secs_f64());
}

impl Settings {
    fn quickly(self) -> Self {
        Self { runs: 2, messages: 400, backlogs: vec![0, 200, 2_000], campaign: 5_000, ..self }
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    async fn measure(&self, program: &str) -> Figures {
        let (runs, seconds) = (self.runs, if self.quick { 2 } else { SECONDS });
        let mut figures = Figures::none(runs);
        if self.wants(Part::PerMessage) {
            figures.per_message = Some(per_message::measure(program, runs, self.messages).await);
        }
        if self.wants(Part::Startup) {
            figures.startup = Some(startup::measure(program, runs, &self.bootstraps).await);
        }
        if self.wants(Part::Accept) {
            for rate in [50, 200] {
                figures.accept.push(accept::measure(program, rate, runs, seconds).await);
            }
        }
        if self.wants(Part::WebhookLatency) {
            figures.webhook_latency = Some(webhook_latency::measure(program, runs, 50 * seconds).await);
        }
        if self.wants(Part::Saturation) {
            figures.saturation = Some(saturation::measure(program, runs, 200 * seconds).await);
        }
        if self.wants(Part::Burst) {
            figures.burst = Some(burst::measure(program, runs, self.messages).await);
        }
        if self.wants(Part::Batches) {
            figures.batches = Some(batches::measure(program, runs).await);
        }
        if self.wants(Part::Campaign) {
            figures.campaign = Some(campaign::measure(program, runs, self.campaign, 20 * seconds).await);
        }
        if self.wants(Part::Backlog) {
            figures.backlog = backlog::measure(program, runs, &self.backlogs, 40 * seconds).await;
        }
        figures
    }
}
