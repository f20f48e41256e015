//! The figures of a whole gateway: all of its programs, from the API to the webhook.

use std::time::Duration;

use super::gateway::Gateway;
use super::load::{self, Accepted};
use crate::percentiles::{Percentiles, millis};

/// The usage of a part of it so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Processor time of its processes.
    pub cpu: Duration,
    /// Their memory in kilobytes.
    pub memory: u64,
}

/// The figures of a part.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name in the report.
    pub name: &'static str,
    /// Processor milliseconds of a message.
    pub cpu: f64,
    /// Processor milliseconds of a second without messages; not measured of a function, which does not run then.
    pub at_rest: f64,
    /// Megabytes at the end.
    pub memory: f64,
}

/// The figures of a run.
pub struct Whole {
    /// Its parts.
    pub parts: Vec<Part>,
    /// From the moment at which a request was due to its 202.
    pub accepted: Percentiles,
    /// From the same moment until WhatsApp accepted the message.
    pub taken: Percentiles,
}

impl Part {
    /// From the usage before and after the messages.
    pub fn new(name: &'static str, [before, after]: [Usage; 2], messages: usize) -> Self {
        let cpu = millis(after.cpu.saturating_sub(before.cpu)) / messages as f64;
        Self { name, cpu, at_rest: 0.0, memory: after.memory as f64 / 1024.0 }
    }

    /// With the usage before and after a time without messages.
    pub fn at_rest(self, [before, after]: [Usage; 2], time: Duration) -> Self {
        Self { at_rest: millis(after.cpu.saturating_sub(before.cpu)) / time.as_secs_f64(), ..self }
    }
}

impl Whole {
    /// From its parts and the messages of the run.
    pub fn new(parts: Vec<Part>, gateway: &Gateway, accepted: &[Accepted]) -> Self {
        let taken = Percentiles::of(load::until_taken(gateway, accepted));
        Self { parts, accepted: Percentiles::of(accepted.iter().map(|accepted| accepted.took).collect()), taken }
    }

    /// Processor milliseconds of a message in these parts, or in all of them.
    pub fn cpu(&self, parts: &[&str]) -> f64 {
        self.of(parts).map(|part| part.cpu).sum()
    }

    /// Processor milliseconds of a second without messages in these parts.
    pub fn cpu_at_rest(&self, parts: &[&str]) -> f64 {
        self.of(parts).map(|part| part.at_rest).sum()
    }

    /// Megabytes of these parts, or of all of them.
    pub fn memory(&self, parts: &[&str]) -> f64 {
        self.of(parts).map(|part| part.memory).sum()
    }

    fn of(&self, parts: &[&str]) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| parts.is_empty() || parts.contains(&part.name))
    }
}
