//! Killing, stopping and measuring the processes of functions.

use std::process::Command;
use std::time::Duration;

/// Kills a process (SIGKILL) and returns when it is gone.
///
/// # Panics
/// When there is no such process.
pub fn kill(pid: u32) {
    signal(pid, "-KILL");
    while exists(pid) {
        std::thread::yield_now();
    }
}

/// Sends a signal by its name, such as `-TERM`.
///
/// # Panics
/// When there is no such process.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill {name} {pid}");
}

/// The peak memory of a process, in kilobytes.
pub fn peak_memory(pid: u32) -> u64 {
    memory(pid, "VmHWM:").expect("a process")
}

/// The resident memory of a process, in kilobytes; none when there is no such process.
pub fn resident_memory(pid: u32) -> Option<u64> {
    memory(pid, "VmRSS:")
}

fn memory(pid: u32, which: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(which))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// The processor time that a process has used, its own and the system's for it.
///
/// # Panics
/// When there is no such process.
pub fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let (_, after_name) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks"));
    Duration::from_millis(ticks.sum::<u64>() * 10) // Linux shows hundredths of a second to every program (proc(5), USER_HZ)
}

/// The socket of a client on this machine that is connected from a port to a port (proc(5), /proc/net/tcp). One port
/// has many connections at a time, each to another.
pub fn socket(from: u16, to: u16) -> Option<u64> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let port = |address: &str| u16::from_str_radix(address.rsplit_once(':')?.1, 16).ok();
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ends = (port(fields.get(1)?)?, port(fields.get(2)?)?);
        let inode = fields.get(9)?.parse().ok()?;
        (ends == (from, to) && inode != 0).then_some(inode)
    })
}

/// Whether a process holds a socket.
pub fn has_socket(pid: u32, inode: u64) -> bool {
    let name = format!("socket:[{inode}]");
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    files
        .into_iter()
        .any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == name.as_str()))
}

/// Whether there is such a process. One that has ended but was not waited for counts as gone.
pub fn exists(pid: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| output.stdout.first().is_some_and(|state| *state != b'Z'))
}
