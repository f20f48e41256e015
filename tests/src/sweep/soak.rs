//! A soak test: a steady rate of messages with random faults, after which all promises hold and no process has grown.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::checker::check;
use super::evidence::Evidence;
use super::fixture::Fixture;
use super::quiescence::run_until_quiescent;
use super::scenario::Player;
use crate::process;

/// How long a process runs before its memory is first recorded, so that caches and pools are full.
const WARM_UP: Duration = Duration::from_secs(300);
/// How many phones there are.
const PHONES: u64 = 500;

/// The result of a soak test.
#[derive(Debug)]
pub struct SoakResult {
    /// Requests that were made.
    pub requests: usize,
    /// Faults that happened.
    pub faults: usize,
    /// The violations.
    pub broken: Vec<String>,
    /// Of each process: its function, its id, and its memory in kilobytes after its warm-up and in the end.
    pub memory: Vec<(String, u32, u64, u64)>,
}

/// When a process was first seen, and its memory after the warm-up and last.
struct ProcessMemory {
    since: Instant,
    warm: Option<u64>,
    last: u64,
}

/// Sends `rate` messages a second for `time`, while a `share` of all calls has a fault.
pub async fn soak(program: &str, time: Duration, rate: f64, share: f64, seed: u64) -> SoakResult {
    let fixture = Fixture::set_up(program).await;
    fixture.begin_at_random(share, seed);
    let player = Player::on(&fixture);
    let (mut random, began) = (fastrand::Rng::with_seed(seed), Instant::now());
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    let (mut requests, mut processes) = (Vec::new(), BTreeMap::new());
    while began.elapsed() < time {
        ticks.tick().await;
        let number = requests.len();
        let body = json!({ "to": format!("55119{:08}", random.u64(0..PHONES)), "message": "PRIVATE-TEXT" });
        let key = random.bool().then(|| format!("soak-{number}"));
        requests.push(player.send(0, key.as_deref(), body).await);
        if number % 100 == 0 {
            record_memory(&fixture, &mut processes);
            let (minutes, faults) = (began.elapsed().as_secs() / 60, fixture.met());
            eprintln!("{minutes} of {} minutes, {number} requests, {faults} faults", time.as_secs() / 60);
        }
    }
    fixture.begin_at_random(0.0, seed);
    let rest = run_until_quiescent(&fixture).await;
    record_memory(&fixture, &mut processes);
    let (count, faults) = (requests.len(), fixture.met());
    let evidence = Evidence::gather(&fixture, requests).await;
    let broken = rest.err().into_iter().chain(check(&evidence).into_iter().map(|violation| violation.to_string()));
    let memory = processes.into_iter().filter_map(|((name, pid), grown)| Some((name, pid, grown.warm?, grown.last)));
    SoakResult { requests: count, faults, broken: broken.collect(), memory: memory.collect() }
}

/// Records the memory of each process.
fn record_memory(fixture: &Fixture, processes: &mut BTreeMap<(String, u32), ProcessMemory>) {
    for (name, function) in &fixture.stack.stack.functions {
        for pid in function.pids().borrow().iter() {
            let Some(kilobytes) = process::resident_memory(*pid) else { continue };
            let first = ProcessMemory { since: Instant::now(), warm: None, last: 0 };
            let grown = processes.entry((name.clone(), *pid)).or_insert(first);
            grown.last = kilobytes;
            if grown.since.elapsed() > WARM_UP {
                grown.warm.get_or_insert(kilobytes);
            }
        }
    }
}
