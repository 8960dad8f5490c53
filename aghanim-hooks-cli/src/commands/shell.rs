//! Commands that the user gives as a line of the shell.

use std::process::Command;

/// Runs a line in `sh`, or in `cmd` on Windows.
pub(super) fn shell(line: &str) -> Command {
    let [shell, option] = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
    let mut command = Command::new(shell);
    command.args([option, line]);
    command
}
