//! Promise 10: no private data in the logs.

use crate::sweep::evidence::Evidence;

/// No log contains any of the private words.
pub fn of_the_logs(evidence: &Evidence) -> Vec<String> {
    let found = evidence.private.iter().filter(|word| word.is_empty() || evidence.logs.contains(*word));
    found.map(|word| format!("{word} is in the logs")).collect()
}
