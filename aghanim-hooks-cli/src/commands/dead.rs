use clap::Args;

use crate::exit::Exit;

#[cfg(feature = "river")]
const AFTER: &str = "\
Examples:
  aghanim-hooks dead --database sqlite:game.db list
  aghanim-hooks dead --database postgres://game@localhost/game show 17
  aghanim-hooks dead --database sqlite:game.db retry 17 18
  aghanim-hooks dead --database sqlite:game.db replay --event order.paid --since 2h

A retried job is worked by the endpoint's worker, which must be running.";

#[cfg(not(feature = "river"))]
const AFTER: &str = "\
Examples:
  aghanim-hooks dead --database sqlite:game.db list

This command was built without it: `cargo install aghanim-hooks-cli --features river` builds it.";

/// Look after deliveries of `later` handlers that were acknowledged, and whose work failed for good
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
// The group of the flattened type has the same name.
#[group(skip)]
pub(super) struct Dead {
    #[cfg(feature = "river")]
    #[command(flatten)]
    dead: aghanim_hooks_river::command::Dead,
    #[cfg(not(feature = "river"))]
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<std::ffi::OsString>,
}

impl Dead {
    #[cfg(feature = "river")]
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        use aghanim_hooks::idempotency::StoreError;

        match self.dead.run(&mut std::io::stdout()).await {
            Ok(()) => Ok(Exit::Ok),
            Err(error) if error.is::<StoreError>() => {
                anstream::eprintln!("error: {:#}", anyhow::Error::from_boxed(error));
                Ok(Exit::Refused)
            }
            Err(error) => Err(anyhow::Error::from_boxed(error)),
        }
    }

    #[cfg(not(feature = "river"))]
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        anyhow::bail!(
            "`dead {}` needs the feature `river`: cargo install aghanim-hooks-cli --features river",
            self.arguments.join(std::ffi::OsStr::new(" ")).to_string_lossy()
        )
    }
}
