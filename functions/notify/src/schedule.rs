//! When a webhook that did not answer is tried again.

use std::time::Duration;

use shared::ids;

/// How long after one attempt the next comes (contract: at once, then these).
const WAITS: [Duration; 5] = [
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(6 * 60 * 60),
];

/// How long to wait after `attempts` attempts, with up to a tenth more so that what failed together does not come
/// back together; nothing when all six have been made.
pub fn wait_after(attempts: u32) -> Option<Duration> {
    let wait = WAITS.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    let share = f64::from(u32::from_le_bytes(ids::random())) / f64::from(u32::MAX);
    Some(wait.mul_f64(1.0 + share / 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_attempts_are_made_at_the_contract_s_times() {
        for (attempts, wait) in WAITS.iter().enumerate() {
            let attempts = u32::try_from(attempts).expect("a few") + 1;
            let chosen = wait_after(attempts).expect("not the last");
            assert!(*wait <= chosen && chosen <= wait.mul_f64(1.1), "{chosen:?} after {attempts}");
        }
        assert_eq!(wait_after(6), None);
    }
}
