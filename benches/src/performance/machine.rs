//! The machine of the measurements.

/// The machine in a sentence.
pub fn sentence() -> String {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let memory = read("/proc/meminfo");
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap_or_default();
    let kilobytes: f64 = memory.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    let date = shared::clock::now().to_string();
    format!(
        "{cores} cores ({model}), {:.0} GB, Linux {}, {}, on {}",
        kilobytes / 1024.0 / 1024.0,
        kernel.trim(),
        std::env::consts::ARCH,
        date.split('T').next().unwrap_or_default()
    )
}
