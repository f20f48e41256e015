//! No function panics: what it panics at would be tried again and hold up others.

use crate::sweep::evidence::Evidence;

/// The places at which functions panicked.
pub fn of_the_functions(evidence: &Evidence) -> Vec<String> {
    let panics = evidence.logs.lines().filter(|line| line.contains("panicked at"));
    panics.map(str::to_owned).collect()
}
