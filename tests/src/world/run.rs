//! Runs one world and checks every promise.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use super::clients::Clients;
use super::interpreter::run_operations;
use super::plan::Plan;
use super::setup::build;
use crate::sweep::checker::{Violation, check};
use crate::sweep::evidence::Evidence;
use crate::sweep::fixture::Fixture;
use crate::sweep::quiescence::run_until_quiescent;

/// The result of a world.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many faults happened.
    pub faults: usize,
    /// How many messages were accepted.
    pub accepted: usize,
    /// What broke a promise.
    pub broken: Vec<Violation>,
}

/// Runs a world. `program` is `CARGO_BIN_EXE_pombo-under-test`.
pub async fn run(program: &str, plan: &Plan) -> Outcome {
    let ran = AssertUnwindSafe(run_and_check(program, plan)).catch_unwind().await;
    ran.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let seen = words.unwrap_or_else(|| "a panic".to_owned());
        Outcome { broken: vec![Violation { promise: "the run ends", seen }], ..Outcome::default() }
    })
}

async fn run_and_check(program: &str, plan: &Plan) -> Outcome {
    let fixture = build(program, plan).await;
    let clients = Clients::new(&fixture, plan);
    let ran = run_operations(&fixture, plan, &clients).await;
    let rest = match &ran {
        Ok(_) => run_until_quiescent(&fixture).await,
        Err(seen) => Err(seen.clone()),
    };
    let evidence = gather(&fixture, &clients).await;
    let rest = rest.err().map(|seen| Violation { promise: "comes to rest", seen });
    Outcome {
        faults: ran.unwrap_or_default(),
        accepted: evidence.requests.iter().filter(|request| request.accepted().is_some()).count(),
        broken: rest.into_iter().chain(check(&evidence)).collect(),
    }
}

async fn gather(fixture: &Fixture, clients: &Clients<'_>) -> Evidence {
    let mut evidence = Evidence::gather(fixture, clients.requests()).await;
    clients.known().complete(&mut evidence);
    evidence.ambiguous = clients.ambiguous();
    evidence
}
