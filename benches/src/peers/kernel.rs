//! The processor time of a process, from the kernel.

use std::fs::{read_dir, read_to_string};
use std::time::Duration;

/// The processor time that the threads of a process have had, to the nanosecond; that of threads that have ended is not in
/// it. None of the measured programs ends threads while it works.
///
/// # Panics
/// When there is no such process.
pub fn cpu_time(pid: u32) -> Duration {
    let threads = read_dir(format!("/proc/{pid}/task")).expect("a process");
    let nanos = threads.filter_map(|thread| {
        let line = read_to_string(thread.ok()?.path().join("schedstat")).ok()?; // a thread may end meanwhile
        line.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn processor_time_is_measured_more_finely_than_a_tick() {
        // A process of its own: threads of other tests end meanwhile.
        let mut busy = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("a shell");
        let mut worked = Duration::ZERO;
        while worked < Duration::from_millis(3) {
            worked = cpu_time(busy.id());
        }
        busy.kill().expect("a process");
        busy.wait().expect("a process");
        assert_ne!(worked.subsec_nanos() % 10_000_000, 0, "{worked:?}");
    }
}
