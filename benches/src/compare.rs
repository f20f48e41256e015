//! Before and after: the processor time of a message with two programs, measured in turns, so that other load on the
//! machine affects both.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cost::counters::Counters;
use crate::cost::kind::Kind;
use crate::cost::metered_stack::MeteredStack;
use crate::cost::{BUSY, WARM_UP, send};
use crate::spread::Spread;

/// Runs the two programs in turns and prints a table.
pub async fn measure(before: &str, after: &str, runs: usize, messages: usize) {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        for (program, taken) in [(before, &mut old), (after, &mut new)] {
            eprintln!("run {run} of {runs}: {program}");
            taken.push(of_a_message(program, messages).await);
        }
    }
    println!(
        "Processor ms of a message at {BUSY} a second, {messages} messages a run, the two programs in turns, {runs} runs each: the \
         median, with the least and the most.\n\n| function | before | after | after / before |\n|---|--:|--:|--:|"
    );
    let names: BTreeMap<&str, ()> = old.iter().flat_map(|used| used.keys()).map(|name| (name.as_str(), ())).collect();
    for name in names.into_keys() {
        let [before, after] = [&old, &new].map(|runs| Spread::of(runs.iter().map(|used| used[name])));
        println!("| {name} | {before} | {after} | {:.2} |", after.median() / before.median());
    }
}

/// Processor milliseconds by function, and in total.
async fn of_a_message(program: &str, messages: usize) -> BTreeMap<String, f64> {
    let stack = Arc::new(MeteredStack::start(program).await);
    let first = usize::try_from(WARM_UP * BUSY).expect("a count");
    send(&stack, Kind::Text, BUSY, 0..first).await;
    let before = stack.read();
    send(&stack, Kind::Text, BUSY, first..first + messages).await;
    let Counters { functions, .. } = stack.read().per_message(&before, messages);
    let worked = functions.into_iter().filter(|(name, _)| !["manage", "settle"].contains(&name.as_str()));
    let mut used: BTreeMap<_, _> = worked.map(|(name, work)| (name, work.cpu * 1000.0)).collect();
    used.insert("all".to_owned(), used.values().sum());
    used
}
