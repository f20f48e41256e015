//! The processor time and the memory of processes, from the kernel.

use std::fs::{read_dir, read_to_string};
use std::time::Duration;

/// The processor time that the threads of a process have had, to the nanosecond; that of threads that have ended is not in
/// it. None of the measured programs ends threads while it works.
///
/// # Panics
/// When there is no such process.
pub fn cpu_time(pid: u32) -> Duration {
    cpu_time_of_living(pid).expect("a process")
}

/// The same of a process and of all its children, also of those that have ended: their time is known to hundredths of a
/// second (proc(5), `cutime`), in sum.
///
/// # Panics
/// When there is no such process.
pub fn family_cpu_time(pid: u32) -> Duration {
    let children: Duration = children(pid).into_iter().filter_map(cpu_time_of_living).sum();
    cpu_time(pid) + children + cpu_time_of_ended_children(pid)
}

/// The memory of processes in kilobytes: what only one of them has counts in full, what several share in parts (proc(5),
/// `Pss`). A process that has ended has none.
pub fn memory(pids: impl IntoIterator<Item = u32>) -> u64 {
    let of_process = |pid: u32| {
        let rollup = read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    pids.into_iter().filter_map(of_process).sum()
}

/// The children of a process, not theirs.
pub fn children(pid: u32) -> Vec<u32> {
    let listed = read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    listed.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

fn cpu_time_of_living(pid: u32) -> Option<Duration> {
    let threads = read_dir(format!("/proc/{pid}/task")).ok()?;
    let nanos = threads.filter_map(|thread| {
        let line = read_to_string(thread.ok()?.path().join("schedstat")).ok()?; // a thread may end meanwhile
        line.split(' ').next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(nanos.sum()))
}

fn cpu_time_of_ended_children(pid: u32) -> Duration {
    let stat = read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, after_name)| after_name);
    let ticks = after_name.split_whitespace().skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10) // hundredths of a second to every program (proc(5), USER_HZ)
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};
    use std::time::Instant;

    use ::tests::process::kill;
    use ::tests::wait::PATIENCE;

    use super::*;

    /// A shell that ends with its children, also when a test fails.
    struct Shell(Child);

    impl Drop for Shell {
        fn drop(&mut self) {
            children(self.0.id()).into_iter().for_each(kill);
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn shell(script: &str) -> Shell {
        Shell(Command::new("sh").args(["-c", script]).stdin(Stdio::piped()).spawn().expect("a shell"))
    }

    fn wait_until(condition: impl Fn() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !condition() {
            assert!(Instant::now() < until, "timed out");
            std::thread::yield_now();
        }
    }

    fn of_children(pid: u32) -> Duration {
        family_cpu_time(pid).saturating_sub(cpu_time(pid))
    }

    #[test]
    fn processor_time_is_measured_more_finely_than_a_tick() {
        // A process of its own: threads of other tests end meanwhile.
        let busy = shell("while :; do :; done");
        wait_until(|| {
            let worked = cpu_time(busy.0.id());
            worked >= Duration::from_millis(3) && !worked.subsec_nanos().is_multiple_of(10_000_000)
        });
    }

    #[test]
    fn processor_time_and_memory_of_a_child_count_while_it_lives() {
        let parent = shell("(while :; do :; done); read -r line");
        let id = parent.0.id();
        wait_until(|| of_children(id) >= Duration::from_millis(30));
        assert!(memory(children(id)) > 0, "memory");
    }

    #[test]
    fn processor_time_of_a_child_counts_after_its_end() {
        let parent = shell("(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done); read -r line");
        let id = parent.0.id();
        wait_until(|| children(id).is_empty() && of_children(id) >= Duration::from_millis(30));
    }
}
