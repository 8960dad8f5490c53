use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::api::{ApiArgs, only};
use crate::exit::Exit;
use crate::management::registration::Registration;
use crate::output::OutputArgs;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks pull
  aghanim-hooks webhooks pull --only https://game.example/webhook --file game/aghanim-webhooks.json
  aghanim-hooks webhooks pull --dry-run

Check the file in: `webhooks![verify, grant; subscribed in \"aghanim-webhooks.json\"]` compares it with the handlers at each
build. It has no secret. Fields that Aghanim does not document are kept in it, unless their names speak of secrets or keys.";

/// Write the registration to the file that `webhooks![…; subscribed in "aghanim-webhooks.json"]` reads
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Pull {
    /// The file
    #[arg(long, value_name = "FILE", default_value = "aghanim-webhooks.json")]
    file: PathBuf,
    /// Only the webhook with this id or URL, where others belong to other endpoints
    #[arg(long, value_name = "ID|URL")]
    only: Vec<String>,
    /// Print the file, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Pull {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let before = Registration::read(&self.file)?;
        let webhooks = only(self.api.client()?.list().await?, &self.only)?;
        let mut registration = Registration::of(&webhooks);
        if let Some(before) = &before {
            registration.other.clone_from(&before.other);
        }
        let text = registration.text()?;
        if self.dry_run {
            self.output.line(text.trim_end(), &registration)?;
            return Ok(Exit::Ok);
        }
        // A file with a new time would be compiled again.
        let is_same = std::fs::read(&self.file).is_ok_and(|old| old == text.as_bytes());
        if !is_same {
            registration.write(&self.file)?;
        }
        let events: usize = webhooks.iter().map(|webhook| webhook.events.len()).sum();
        let (file, count) = (self.file.display(), webhooks.len());
        let word = if is_same { "is up to date" } else { "was written" };
        let text = format!("{file} {word}: webhooks {count}, subscribed events {events}");
        let object = json!({"file": self.file, "written": !is_same, "webhooks": count, "events": events});
        self.output.line(&text, &object)?;
        Ok(Exit::Ok)
    }
}
