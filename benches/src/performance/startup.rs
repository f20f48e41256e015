//! How functions start: the bootstrap's size, the time to its first poll, and the first invocation.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use local::lambda::{CompletedInvocation, Function, FunctionConfig};
use shared::message::State;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::spread::Spread;
use crate::statuses::Statuses;

/// Bytes of an archive besides its one file: the headers of `bootstrap` and of the directory.
const ZIP_HEADERS: usize = 130;
const MINUTE: Duration = Duration::from_secs(60);

/// How one function starts.
pub struct Startup {
    /// Bytes of its bootstrap, plain and zipped, when one was built for release.
    pub size: Option<(usize, usize)>,
    /// Milliseconds from exec to the first poll: of the bootstrap, or of this program, which holds all functions.
    pub first_poll: Spread,
    /// Milliseconds of the first invocation of a process.
    pub first: Spread,
    /// Milliseconds of a later one.
    pub later: Spread,
}

/// Measures so many starts of each function; `bootstraps` is a folder as `cargo lambda build` makes it.
pub async fn measure(program: &str, runs: usize, bootstraps: &Path) -> BTreeMap<String, Startup> {
    let stack = TestStack::start(program).await;
    let sent = stack.send_text("15550100012", "reported by nobody").await;
    let statuses = Statuses::like(&stack, stack.wait_for_state(&sent, State::Sent).await);
    let (mut first, mut later) = (BTreeMap::new(), BTreeMap::new());
    for run in 1..=runs {
        eprintln!("cold starts: run {run} of {runs}");
        for (taken, fresh) in [(&mut first, true), (&mut later, false)] {
            for (name, took) in one_of_each(&stack, &statuses, fresh).await {
                taken.entry(name).or_insert_with(Vec::new).push(took);
            }
        }
    }
    let mut measured = BTreeMap::new();
    let names: Vec<String> = first.keys().cloned().collect(); // not `media`, which takes no part in a text
    for name in names {
        let function = &stack.stack.functions[&name];
        let bootstrap = Some(bootstraps.join(&name).join("bootstrap")).filter(|file| file.exists());
        let size = bootstrap.as_deref().and_then(size);
        let first_poll = first_polls(function, bootstrap, runs).await;
        let [first, later] = [&mut first, &mut later].map(|all| Spread::of(all.remove(&name).unwrap_or_default()));
        measured.insert(name, Startup { size, first_poll, first, later });
    }
    measured
}

async fn first_polls(function: &Function, bootstrap: Option<PathBuf>, runs: usize) -> Spread {
    let mut config: FunctionConfig = function.config().clone();
    config.program = bootstrap.unwrap_or(config.program);
    let mut taken = Vec::new();
    for _ in 0..runs {
        let fresh = Function::new(config.clone());
        let begun = Instant::now();
        fresh.warm_up().await.expect("it starts");
        taken.push(begun.elapsed().as_secs_f64() * 1000.0);
        fresh.stop();
    }
    Spread::of(taken)
}

/// Milliseconds of an event for each function, one after another: the first event of a fresh process, or any.
async fn one_of_each(stack: &TestStack, statuses: &Statuses<'_>, fresh: bool) -> Vec<(String, f64)> {
    let mut listeners = BTreeMap::new();
    wait_until_idle(stack).await; // what ends later would be the next to get an event
    for (name, function) in &stack.stack.functions {
        let invoked = function.subscribe();
        if fresh {
            function.stop();
            function.warm_up().await.expect("it starts");
        }
        let pid = function.pids().borrow().last().copied().filter(|_| fresh);
        listeners.insert(name.as_str(), Listener { invoked, pid });
    }
    let sent = stack.send_text("15550100012", "reported by nobody").await;
    stack.wait_for_state(&sent, State::Sent).await;
    let mut taken = Vec::new();
    for name in ["send", "deliver", "notify"] {
        taken.push(next(name, &mut listeners).await);
    }
    let (_, body) = statuses.delivered(1).await;
    assert_eq!(stack.post_callback(&body, None).await, 200);
    taken.push(next("receive", &mut listeners).await);
    stack.status(&sent).await;
    taken.push(next("manage", &mut listeners).await);
    stack.pass(MINUTE); // settle runs every minute
    taken.push(next("settle", &mut listeners).await);
    taken
}

async fn wait_until_idle(stack: &TestStack) {
    eventually("no function to be running", || async {
        stack.stack.functions.values().all(|function| function.concurrent_executions() == 0).then_some(())
    })
    .await;
}

/// Receives the finished invocations of a function: those of one process, or all.
struct Listener {
    invoked: UnboundedReceiver<CompletedInvocation>,
    pid: Option<u32>,
}

async fn next(name: &str, listeners: &mut BTreeMap<&str, Listener>) -> (String, f64) {
    let Listener { invoked, pid } = listeners.get_mut(name).expect("a function");
    loop {
        let next = invoked.recv().await.expect("it is invoked");
        if pid.is_none_or(|pid| pid == next.pid) {
            return (name.to_owned(), next.duration.as_secs_f64() * 1000.0);
        }
    }
}

/// Bytes of a file, plain and in an archive.
fn size(bootstrap: &Path) -> Option<(usize, usize)> {
    let plain = std::fs::read(bootstrap).ok()?;
    let mut zipped = DeflateEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(&plain).ok()?;
    Some((plain.len(), zipped.finish().ok()?.len() + ZIP_HEADERS))
}
