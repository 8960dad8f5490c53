//! CPU time and memory of a process, from Linux.

use std::time::Duration;

/// The time that all its threads have spent on a core, in user and in kernel space.
///
/// # Panics
/// Panics if there is no such process.
#[must_use]
pub fn cpu(process: u32) -> Duration {
    // The 12th and 13th fields after the name.
    times(process, 11)
}

/// The same for all its children that have ended, and for theirs.
///
/// # Panics
/// Panics if there is no such process.
#[must_use]
pub fn cpu_of_children(process: u32) -> Duration {
    times(process, 13)
}

/// Two neighbours among the fields of `/proc/…/stat`.
fn times(process: u32, first: usize) -> Duration {
    let stat = read(process, "stat");
    // The name is in brackets and may contain spaces.
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
    let ticks: u64 = fields[first..first + 2].iter().map(|field| field.parse::<u64>().expect("a number")).sum();
    // Linux counts in hundredths of a second, whatever the rate of its timer.
    Duration::from_millis(10 * ticks)
}

/// Resident memory now, and the most that it ever was, in MB.
///
/// # Panics
/// Panics if there is no such process.
#[must_use]
pub fn memory(process: u32) -> (f64, f64) {
    let status = read(process, "status");
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of memory");
        line.trim().trim_end_matches(" kB").trim().parse::<f64>().expect("a number") / 1024.0
    };
    (megabytes("VmRSS:"), megabytes("VmHWM:"))
}

fn read(process: u32, file: &str) -> String {
    std::fs::read_to_string(format!("/proc/{process}/{file}")).expect("a process that runs")
}
