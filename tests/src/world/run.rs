//! Runs one world and checks every promise.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use super::aliases::People;
use super::clients::Clients;
use super::interpreter::run_operations;
use super::plan::Plan;
use super::setup::build;
use super::turns::{self, Turns};
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
    /// The queue turns of what polite customers did.
    turns: Turns,
}

/// Runs a world. `program` is `CARGO_BIN_EXE_pombo-under-test`.
pub async fn run(program: &str, plan: &Plan) -> Outcome {
    let ran = AssertUnwindSafe(run_beside_alone(program, plan)).catch_unwind().await;
    ran.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let seen = words.unwrap_or_else(|| "a panic".to_owned());
        Outcome { broken: vec![Violation { promise: "the run ends", seen }], ..Outcome::default() }
    })
}

/// Runs a world, and if a polite customer's messages had many turns, again without the others.
async fn run_beside_alone(program: &str, plan: &Plan) -> Outcome {
    let mut outcome = run_and_check(program, plan).await;
    if turns::are_many(&outcome.turns) {
        let alone = run_and_check(program, &turns::without_others(plan)).await;
        let excessive = turns::excessive(&outcome.turns, &alone.turns).into_iter();
        outcome.broken.extend(excessive.map(|seen| Violation { promise: "no neighbour is harmed", seen }));
    }
    outcome
}

async fn run_and_check(program: &str, plan: &Plan) -> Outcome {
    let fixture = build(program, plan).await;
    let (clients, people) = (Clients::new(&fixture, plan).await, People::of(plan));
    let ran = run_operations(&fixture, plan, &clients).await;
    let rest = match &ran {
        Ok(_) => run_until_quiescent(&fixture).await,
        Err(seen) => Err(seen.clone()),
    };
    if rest.is_ok() {
        clients.check_business_accounts(plan).await;
        clients.check_quotas().await;
        clients.check_conversations(&people).await;
    }
    let mut evidence = gather(&fixture, &clients, &people).await;
    let last = match &rest {
        Ok(()) => try_last(&clients, &people).await,
        Err(_) => Ok(()),
    };
    evidence.trespasses.clone_from(&clients.known().trespasses);
    let rest = rest.and(last).err().map(|seen| Violation { promise: "comes to rest", seen });
    let noticed = std::mem::take(&mut clients.known().noticed);
    Outcome {
        faults: ran.unwrap_or_default(),
        turns: clients.turns(plan),
        accepted: evidence.requests.iter().filter(|request| request.accepted().is_some()).count(),
        broken: rest.into_iter().chain(check(&evidence)).chain(noticed).collect(),
    }
}

async fn gather(fixture: &Fixture, clients: &Clients<'_>, people: &People) -> Evidence {
    let mut evidence = Evidence::gather(fixture, clients.requests()).await;
    evidence.batch_requests = clients.batch_requests();
    clients.known().complete(&mut evidence, people);
    evidence.ambiguous = clients.ambiguous();
    evidence
}

/// Tries what changes the records, when the evidence of all else is gathered.
async fn try_last(clients: &Clients<'_>, people: &People) -> Result<(), String> {
    clients.try_ended_urls().await;
    clients.erase_finally(people).await
}
