//! Memory of functions after many invocations.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::json;
use tests::test_stack::TestStack;

/// The most invocations of `manage` and of `settle`: a run of its schedule takes a quarter of a second when every call is delayed.
const MOST: usize = 1000;

/// The memory of a process after a number of invocations.
pub struct Resident {
    /// Invocations that this process has had.
    pub invocations: usize,
    /// Its resident memory.
    pub megabytes: f64,
}

/// Invokes `manage` and `settle`, which messages do not pass through, this many times, or [`MOST`].
///
/// # Panics
/// When they don't answer.
pub async fn ask(stack: &TestStack, times: usize) {
    let id = stack.send_text("15550100012", "reported by nobody").await;
    let minute = Bytes::from(json!({ "source": "aws.events", "detail-type": "Scheduled Event" }).to_string());
    let times = times.min(MOST);
    for number in 1..=times {
        stack.status(&id).await;
        stack.stack.functions["settle"].invoke(minute.clone()).await.expect("settle answers");
        eprint!("\rmanage and settle: {number} of {times} invocations");
    }
    eprintln!();
}

/// The last of each function.
pub fn last(resident: &BTreeMap<String, Vec<Resident>>) -> impl Iterator<Item = (&str, &Resident)> {
    resident.iter().filter_map(|(name, all)| all.last().map(|last| (name.as_str(), last)))
}
