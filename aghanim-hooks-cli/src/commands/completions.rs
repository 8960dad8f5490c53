use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::Cli;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks completions bash > ~/.local/share/bash-completion/completions/aghanim-hooks
  aghanim-hooks completions fish > ~/.config/fish/completions/aghanim-hooks.fish";

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "aghanim-hooks", &mut script);
        std::io::Write::write_all(&mut std::io::stdout(), &script)?;
        Ok(Exit::Ok)
    }
}
