//! What a message uses: calls, units, bytes, processor time, invocations and batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use local::lambda::CompletedInvocation;
use tests::process::resident_memory;
use tests::proxy::Proxy;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::cost::counters::{Counters, Stored};
use crate::cost::kind::Kind;
use crate::cost::metered_stack::MeteredStack;
use crate::cost::{BUSY, WARM_UP, send};
use crate::performance::resident::{self, Resident};
use crate::spread::Spread;

/// A text that each record of a function's events contains once.
const RECORD: [(&str, &str); 3] =
    [("deliver", "\"eventSource\""), ("notify", "\"eventSource\""), ("receive", "biz_opaque_callback_data")];

/// What one message used, in slices of the same stack's run.
pub struct PerMessage {
    /// Messages of all slices.
    pub messages: usize,
    /// Messages a second.
    pub rate: u64,
    /// One message's of each slice.
    pub slices: Vec<Counters>,
    /// Calls of one message by function, service and operation.
    pub calls: BTreeMap<(String, &'static str, String), f64>,
    /// Records of each invocation, by function and slice.
    pub batches: BTreeMap<String, Vec<Vec<usize>>>,
    /// What a message left in the tables.
    pub stored: Stored,
    /// Memory of each function's busiest process.
    pub resident: BTreeMap<String, Vec<Resident>>,
}

impl PerMessage {
    /// A figure's spread over the slices.
    pub fn spread(&self, figure: impl Fn(&Counters) -> f64) -> Spread {
        Spread::of(self.slices.iter().map(figure))
    }
}

/// Sends the messages at a rate that their number accepts, in slices.
pub async fn measure(program: &str, runs: usize, messages: usize) -> PerMessage {
    let stack = Arc::new(MeteredStack::start(program).await);
    let (warm_up, slice) = (usize::try_from(WARM_UP * BUSY).expect("a count"), messages / runs);
    let mut listeners: Vec<_> = stack.functions().map(|(name, function)| (name, function.subscribe())).collect();
    send(&stack, Kind::Text, BUSY, 0..warm_up).await;
    let calls_before = calls(&stack);
    let (mut slices, mut batches, mut invocations) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let mut resident: BTreeMap<String, Vec<Resident>> = BTreeMap::new();
    drain(&mut listeners, &mut invocations);
    for number in 0..runs {
        let before = stack.read();
        let first = warm_up + number * slice;
        send(&stack, Kind::Text, BUSY, first..first + slice).await;
        slices.push(stack.read().per_message(&before, slice));
        for (name, records) in drain(&mut listeners, &mut invocations) {
            batches.entry(name).or_insert_with(Vec::new).push(records);
        }
        note_memory(&stack, &invocations, &mut resident);
    }
    let calls = calls(&stack).into_iter().map(|(call, count)| {
        let since = count - calls_before.get(&call).copied().unwrap_or_default();
        (call, since as f64 / (runs * slice) as f64)
    });
    let calls = calls.filter(|(_, count)| *count > 0.0).collect();
    let stored = stack.stored().await;
    resident::ask(&stack.between.stack, messages).await;
    drain(&mut listeners, &mut invocations);
    note_memory(&stack, &invocations, &mut resident);
    PerMessage { messages: runs * slice, rate: BUSY, slices, calls, batches, stored, resident }
}

/// Reads the events that the functions received: the records of each invocation by function. Counts invocations by process.
fn drain(
    listeners: &mut [(&String, UnboundedReceiver<CompletedInvocation>)],
    invocations: &mut BTreeMap<u32, usize>,
) -> BTreeMap<String, Vec<usize>> {
    let mut all = BTreeMap::new();
    for (name, invoked) in listeners {
        let needle = RECORD.iter().find(|(function, _)| function == name).map(|(_, needle)| needle.as_bytes());
        let mut records = Vec::new();
        while let Ok(CompletedInvocation { pid, event, .. }) = invoked.try_recv() {
            *invocations.entry(pid).or_default() += 1;
            records.extend(needle.map(|needle| event.windows(needle.len()).filter(|part| *part == needle).count()));
        }
        if needle.is_some() {
            all.insert((*name).clone(), records);
        }
    }
    all
}

fn note_memory(
    stack: &MeteredStack,
    invocations: &BTreeMap<u32, usize>,
    resident: &mut BTreeMap<String, Vec<Resident>>,
) {
    for (name, function) in stack.functions() {
        let pids = function.pids().borrow().clone();
        let busiest = pids.iter().max_by_key(|pid| invocations.get(pid).copied().unwrap_or_default());
        let noted = busiest.and_then(|pid| {
            let invocations = invocations.get(pid).copied().unwrap_or_default();
            Some(Resident { invocations, megabytes: resident_memory(*pid)? as f64 / 1024.0 })
        });
        resident.entry(name.clone()).or_default().extend(noted);
    }
}

fn calls(stack: &MeteredStack) -> BTreeMap<(String, &'static str, String), usize> {
    let of = |service: &'static str, proxy: &Proxy| {
        let calls = proxy.calls_by_caller().into_iter();
        calls.map(move |((caller, operation), count)| ((caller, service, operation), count))
    };
    of("DynamoDB", &stack.between.dynamodb).chain(of("SQS", &stack.between.sqs)).collect()
}
