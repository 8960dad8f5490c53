use std::io::{IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use clap::Args;

/// The options of a command that destroys something.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print what would be done, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Consent {
    /// Asks a person, unless `--yes` was given.
    ///
    /// # Errors
    /// Fails if the person says no, or if there is no terminal to ask at.
    pub(super) fn confirm(&self, question: &str) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            bail!("{question} There is no terminal to ask at: add --yes, or look first with --dry-run");
        }
        anstream::eprint!("{question} Type yes to go on: ");
        std::io::stderr().flush().context("can't write to the terminal")?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).context("can't read from the terminal")?;
        if answer.trim() != "yes" {
            bail!("nothing was changed");
        }
        Ok(())
    }
}
