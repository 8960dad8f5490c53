use std::process::{Child, Command, Stdio};

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

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // `taskset` has become the server itself, so this is its own id.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
