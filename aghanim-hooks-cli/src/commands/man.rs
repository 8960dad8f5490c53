use clap::{Args, CommandFactory as _};

use super::Cli;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks man > aghanim-hooks.1
  aghanim-hooks man check | man -l -";

/// Print the manual page, of the command or of one of its commands
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Man {
    /// One of the commands
    command: Option<String>,
}

impl Man {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let mut cli = Cli::command();
        cli.build();
        let page = match &self.command {
            Some(name) => match cli.find_subcommand(name) {
                Some(command) => clap_mangen::Man::new(command.clone()),
                None => anyhow::bail!("there is no command `{name}`"),
            },
            None => clap_mangen::Man::new(cli),
        };
        let mut text = Vec::new();
        page.render(&mut text)?;
        std::io::Write::write_all(&mut std::io::stdout(), &text)?;
        Ok(Exit::Ok)
    }
}
