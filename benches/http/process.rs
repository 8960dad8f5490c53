use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A child on one core, ended when it is dropped.
pub(crate) struct Pinned(Child);

impl Pinned {
    pub(crate) fn start(core: u32, command: &mut Command) -> std::io::Result<Self> {
        let mut pinned = Command::new("taskset");
        pinned.args(["-c", &core.to_string()]).arg(command.get_program()).args(command.get_args());
        pinned.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(directory) = command.get_current_dir() {
            pinned.current_dir(directory);
        }
        pinned.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().map(Self)
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// The time that all its threads have spent on a core, in user and in kernel space.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = self.read("stat");
        // The name stands in brackets and may hold spaces; the times are the 12th and 13th behind it.
        let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
        let ticks: u64 = [fields[11], fields[12]].iter().map(|field| field.parse::<u64>().expect("a number")).sum();
        // Linux counts in hundredths, whatever its timer does.
        Duration::from_millis(10 * ticks)
    }

    /// Resident memory now, and the most that it ever was, in MB.
    pub(crate) fn memory(&self) -> (f64, f64) {
        let status = self.read("status");
        let megabytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of memory");
            line.trim().trim_end_matches(" kB").trim().parse::<f64>().expect("a number") / 1024.0
        };
        (megabytes("VmRSS:"), megabytes("VmHWM:"))
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.0.id())).expect("a process that runs")
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // `taskset` has become the server itself, so this is its own id.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
