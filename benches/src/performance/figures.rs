//! All figures of docs/performance.md.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{accept, backlog, batches, burst, campaign, latencies, per_message, saturation, startup};

/// What was measured.
pub struct Figures {
    /// Runs of each figure.
    pub runs: usize,
    /// How long everything took.
    pub took: Duration,
    /// What a message uses.
    pub per_message: Option<per_message::PerMessage>,
    /// How functions start, by name.
    pub startup: Option<BTreeMap<String, startup::Startup>>,
    /// Accept, and queued to sent, by rate.
    pub accept: Vec<accept::AtRate>,
    /// Callback to webhook.
    pub webhook_latency: Option<latencies::Latencies>,
    /// Messages a second at saturation.
    pub saturation: Option<saturation::Saturation>,
    /// Messages that all arrive at once.
    pub burst: Option<burst::Burst>,
    /// Batches beside as many requests of their own.
    pub batches: Option<batches::Batches>,
    /// One-time codes beside a campaign.
    pub campaign: Option<campaign::Campaign>,
    /// Beside messages that wait.
    pub backlog: Vec<backlog::Beside>,
}

impl Figures {
    /// Nothing measured yet.
    pub const fn none(runs: usize) -> Self {
        Self {
            runs,
            took: Duration::ZERO,
            per_message: None,
            startup: None,
            accept: Vec::new(),
            webhook_latency: None,
            saturation: None,
            burst: None,
            batches: None,
            campaign: None,
            backlog: Vec::new(),
        }
    }
}
