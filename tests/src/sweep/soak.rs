//! A long time at a steady rate with faults at random: all promises hold at its end, and no process has grown.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::checker::check;
use super::evidence::Evidence;
use super::rest::come_to_rest;
use super::scenario::Player;
use super::stage::Stage;
use crate::process;

/// How long a process is left alone before its memory is noted for the first time: caches and pools fill.
const WARM_UP: Duration = Duration::from_secs(300);
/// How many phones there are.
const PHONES: u64 = 500;

/// What came of it.
#[derive(Debug)]
pub struct Soaked {
    /// Requests that were made.
    pub requests: usize,
    /// Faults that happened.
    pub faults: usize,
    /// What was broken.
    pub broken: Vec<String>,
    /// Of each process: its function, its id, and its memory in kilobytes after its warm-up and in the end.
    pub memory: Vec<(String, u32, u64, u64)>,
}

/// When a process was first seen, what it had after its warm-up, and what it had last.
struct Grown {
    since: Instant,
    warm: Option<u64>,
    last: u64,
}

/// Sends `rate` messages a second for `time`, while a `share` of all calls meets a fault.
pub async fn soak(program: &str, time: Duration, rate: f64, share: f64, seed: u64) -> Soaked {
    let stage = Stage::set_up(program).await;
    stage.begin_at_random(share, seed);
    let player = Player::on(&stage);
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
            weigh(&stage, &mut processes);
            let (minutes, faults) = (began.elapsed().as_secs() / 60, stage.met());
            eprintln!("{minutes} of {} minutes, {number} requests, {faults} faults", time.as_secs() / 60);
        }
    }
    stage.begin_at_random(0.0, seed);
    let rest = come_to_rest(&stage).await;
    weigh(&stage, &mut processes);
    let (count, faults) = (requests.len(), stage.met());
    let evidence = Evidence::gather(&stage, requests).await;
    let broken = rest.err().into_iter().chain(check(&evidence).into_iter().map(|violation| violation.to_string()));
    let memory = processes.into_iter().filter_map(|((name, pid), grown)| Some((name, pid, grown.warm?, grown.last)));
    Soaked { requests: count, faults, broken: broken.collect(), memory: memory.collect() }
}

/// Notes what each process has.
fn weigh(stage: &Stage, processes: &mut BTreeMap<(String, u32), Grown>) {
    for (name, function) in &stage.stack.stack.functions {
        for pid in function.pids().borrow().iter() {
            let Some(kilobytes) = process::resident_memory(*pid) else { continue };
            let first = Grown { since: Instant::now(), warm: None, last: 0 };
            let grown = processes.entry((name.clone(), *pid)).or_insert(first);
            grown.last = kilobytes;
            if grown.since.elapsed() > WARM_UP {
                grown.warm.get_or_insert(kilobytes);
            }
        }
    }
}
