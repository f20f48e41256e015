//! Which faults are injected at which calls.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::str::FromStr;

use fastrand::Rng;
use strum::IntoEnumIterator;

use crate::fault::{CallId, Fault, Injection};
use crate::proxy::EmptyRead;

/// How many reads of a kind have faults, besides the last, if they find nothing.
const FIRST_READS: usize = 3;

/// Faults of a call to AWS, and whether they last, that are one to the function that made it: the SDK's second attempt
/// succeeds and the call was made once; it succeeds and the call was made twice; or all attempts fail and none was made.
/// Each call has one of each kind, the next call the next one.
const ALIKE: [&[(Fault, bool)]; 3] = [
    &[(Fault::DropBefore, false), (Fault::Throttled, false), (Fault::Unavailable, false)],
    &[(Fault::DropAfter, false), (Fault::FailAfter, false), (Fault::ResetMidBody, false), (Fault::Duplicate, false)],
    &[(Fault::DropBefore, true), (Fault::Throttled, true), (Fault::Unavailable, true)],
];

/// The faults of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Case(pub Vec<Injection>);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&faults.join(" "))
    }
}

impl Case {
    /// Each of several faults by itself.
    pub fn parts(&self) -> Vec<Self> {
        let parts = self.0.iter().filter(|_| self.0.len() > 1);
        parts.map(|injection| Self(vec![injection.clone()])).collect()
    }

    /// Whether a POST reaches WhatsApp after the lease of its attempt, when the next message of its conversation may
    /// have been sent. Lambda ends a process before that; if one resumed nevertheless, only the order is lost
    /// (docs/adr/0020).
    pub fn outlives_its_lease(&self) -> bool {
        self.0
            .iter()
            .any(|injection| injection.fault == Fault::FreezeBefore && injection.call.operation == "POST messages")
    }
}

/// One of several parts of all cases. A case is in the same part whatever other cases there are, since runs without
/// faults differ in a few calls.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    number: u64,
    of: u64,
}

impl Part {
    /// Whether a case is in this part.
    pub fn contains(self, case: &Case) -> bool {
        let mut hasher = DefaultHasher::new();
        case.to_string().hash(&mut hasher);
        hasher.finish() % self.of + 1 == self.number
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        let (number, of) = numbers.ok_or("a part is written as `2/8`")?;
        if (1..=of).contains(&number) { Ok(Self { number, of }) } else { Err("no such part".to_owned()) }
    }
}

/// These calls without those that repeat a read that found nothing: of the reads that a function makes of one kind, which
/// differ in no more than numbers, the first [`FIRST_READS`] and the last are left. `settle` asks each part of an index
/// each minute, and a fault at the hundredth of these is the fault at the second.
pub fn without_repeated_reads(calls: &[CallId], empty: &HashMap<CallId, EmptyRead>) -> Vec<CallId> {
    let kind = |call: &CallId| Some((call.caller.clone(), call.operation.clone(), empty.get(call)?));
    let mut counts = HashMap::<_, usize>::new();
    calls.iter().filter_map(kind).for_each(|kind| *counts.entry(kind).or_default() += 1);
    let mut seen = HashMap::<_, usize>::new();
    let is_kept = |call: &&CallId| {
        let Some(kind) = kind(call) else { return true };
        let number = seen.entry(kind.clone()).or_default();
        *number += 1;
        *number <= FIRST_READS || *number == counts[&kind]
    };
    calls.iter().filter(is_kept).cloned().collect()
}

/// Every fault that can happen at each of these calls, one at a time.
pub fn all_single(calls: &[CallId]) -> Vec<Case> {
    let single = calls.iter().flat_map(|call| {
        faults_of(call).map(move |(fault, lasts)| Case(vec![Injection { call: call.clone(), fault, lasts }]))
    });
    single.collect()
}

/// A sample of these cases, chosen and shuffled by a seed, so that a run that ends early has covered all functions.
pub fn sample(cases: &[Case], count: usize, seed: u64) -> Vec<Case> {
    let mut random = Rng::with_seed(seed);
    let mut chosen = random.choose_multiple(cases, count);
    random.shuffle(&mut chosen);
    chosen.into_iter().cloned().collect()
}

/// Two of these at random, at different calls.
pub fn pair(cases: &[Case], random: &mut Rng) -> Option<Case> {
    let first = random.choice(cases)?;
    let second = random.choice(cases)?;
    let differ = first.0[0].call != second.0[0].call;
    differ.then(|| Case([first.0.clone(), second.0.clone()].concat()))
}

/// A random fault of a service or the network; none where none is possible.
pub fn any_but_of_the_process(call: &CallId, random: &mut Rng) -> Option<Fault> {
    let possible = Fault::iter().filter(|fault| !fault.is_of_the_process() && is_possible(call, *fault));
    random.choice(possible.collect::<Vec<_>>())
}

/// A random fault that is possible at a call, of a process too; but no POST is frozen, which loses the order
/// (docs/adr/0020).
pub fn any(call: &CallId, random: &mut Rng) -> Option<Fault> {
    let is_late_post = |fault| fault == Fault::FreezeBefore && call.operation == "POST messages";
    let possible = Fault::iter().filter(|fault| is_possible(call, *fault) && !is_late_post(*fault));
    random.choice(possible.collect::<Vec<_>>())
}

/// The possible faults at a call, and whether each also affects the SDK's retries of the call; of those that are alike to the
/// caller, one.
fn faults_of(call: &CallId) -> impl Iterator<Item = (Fault, bool)> {
    let is_of_the_sdk = !call.operation.contains(' ');
    let possible: Vec<Fault> = Fault::iter().filter(|fault| is_possible(call, *fault)).collect();
    let lasting = possible.iter().filter(move |fault| is_of_the_sdk && fault.can_last()).map(|fault| (*fault, true));
    let mut faults: Vec<_> = possible.iter().map(|fault| (*fault, false)).chain(lasting).collect();
    for kind in ALIKE.iter().filter(|_| is_of_the_sdk) {
        let of_kind: Vec<_> = faults.iter().copied().filter(|fault| kind.contains(fault)).collect();
        let chosen = of_kind.get(call.number % of_kind.len().max(1)).copied();
        faults.retain(|fault| Some(*fault) == chosen || !kind.contains(fault));
    }
    faults.into_iter()
}

fn is_possible(call: &CallId, fault: Fault) -> bool {
    if fault == Fault::None {
        return false;
    }
    match (call.caller.as_str(), call.operation.as_str()) {
        // What was polled is known when it is answered; and the sources are no processes of their own.
        ("sources", "ReceiveMessage" | "GetRecords") => matches!(fault, Fault::DropAfter | Fault::ResetMidBody),
        ("sources", _) => !fault.is_of_the_process() && fault != Fault::Late, // they wait for as long as it takes
        ("customer", _) => matches!(fault, Fault::DropBefore | Fault::DropAfter | Fault::ResetMidBody),
        // A read changes nothing: whether it was made before it failed is the same to all.
        (_, operation) if is_read(operation) => !fault.is_after_the_call(),
        // No network sends a POST twice, and nothing could prevent it.
        (_, "POST messages") => fault != Fault::Duplicate,
        _ => true,
    }
}

fn is_read(operation: &str) -> bool {
    matches!(operation, "GetItem" | "BatchGetItem" | "GetObject" | "Query" | "Scan") || operation.starts_with("GET ")
}
