//! The commands, one file each.

mod check;
mod completions;
mod dead;
mod events;
mod export;
mod listen;
mod man;
mod replay;
mod send;
mod shell;
mod sign;
mod spec;
mod trigger;
mod verify;
mod webhooks;

use clap::{Parser, Subcommand};

use crate::exit::Exit;

const AFTER: &str = "\
Exit codes:
  0  as asked
  1  a signature, an answer, a scenario, a registration or a document differs from what it should be
  2  the command can't be run like that
  3  the receiver or Aghanim refused, or can't be reached
  4  there was no answer in time

The secret is read from AGHANIM_WEBHOOK_SECRET, unless --secret-env or --secret-file names another place.
Only `webhooks` speaks to Aghanim, with the API key in AGHANIM_API_KEY. All else needs no account, and no network but to
your own receiver.";

/// Sign, verify, trigger, check, replay and inspect Aghanim's webhooks, and look after their registration.
#[derive(Debug, Parser)]
// Not wrapped: whether clap wraps depends on the features of other crates in the build.
#[command(name = "aghanim-hooks", version, after_help = AFTER, term_width = 0)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Events(events::Events),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Trigger(trigger::Trigger),
    Check(check::Check),
    Replay(replay::Replay),
    Export(export::Export),
    Listen(listen::Listen),
    Webhooks(webhooks::Webhooks),
    Spec(spec::Spec),
    Dead(dead::Dead),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Fails if it can't be run like that, which is exit code 2, or if Aghanim's API fails, see [`Exit::of`].
    pub async fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Events(command) => command.run(),
            Command::Sign(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Trigger(command) => command.run().await,
            Command::Check(command) => command.run().await,
            Command::Replay(command) => command.run().await,
            Command::Export(command) => command.run(),
            Command::Listen(command) => command.run().await,
            Command::Webhooks(command) => command.run().await,
            Command::Spec(command) => command.run(),
            Command::Dead(command) => command.run().await,
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}
