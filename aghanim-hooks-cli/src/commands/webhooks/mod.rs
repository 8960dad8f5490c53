//! The commands about registered webhooks, one file each.

mod api;
mod confirm;
mod create;
mod delete;
mod diff;
mod handlers;
mod list;
mod pull;
mod rotate;
mod settings;
mod show;
mod update;
mod wait;

use clap::{Args, Subcommand};

use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks list
  aghanim-hooks webhooks pull
  aghanim-hooks webhooks diff --handlers player.verify,item.add
  aghanim-hooks webhooks rotate wh_eRhXkVsQjpT --secret-file /run/secrets/aghanim --metrics http://10.0.0.5:9000/metrics

The API key is read from AGHANIM_API_KEY, unless --api-key-env or --api-key-file names another place. The sandbox and the
live environment have different keys. The calls are those of Aghanim's OpenAPI document, version 2026.07.14. It does not say
whether an old secret stays valid, which requests are limited, and which fields are still to come.";

/// List, compare and change the webhooks that are registered at Aghanim, and rotate their secrets
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Webhooks {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::List),
    Show(show::Show),
    Pull(pull::Pull),
    Diff(diff::Diff),
    Create(create::Create),
    Update(update::Update),
    Rotate(rotate::Rotate),
    Delete(delete::Delete),
}

impl Webhooks {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::List(command) => command.run().await,
            Command::Show(command) => command.run().await,
            Command::Pull(command) => command.run().await,
            Command::Diff(command) => command.run().await,
            Command::Create(command) => command.run().await,
            Command::Update(command) => command.run().await,
            Command::Rotate(command) => command.run().await,
            Command::Delete(command) => command.run().await,
        }
    }
}
