use clap::Args;

use super::api::ApiArgs;
use super::show::without_secrets;
use crate::exit::Exit;
use crate::output::{OutputArgs, printable};

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks list
  aghanim-hooks webhooks list --json | jq -r 'select(.enabled).url'";

/// List the webhooks that are registered
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let webhooks = self.api.client()?.list().await?;
        if webhooks.is_empty() && !self.output.is_json() {
            anstream::eprintln!("there is no webhook for this API key: `aghanim-hooks webhooks create` makes one");
        }
        for webhook in webhooks {
            let state = if webhook.enabled == Some(false) { "disabled" } else { "enabled " };
            let text = format!(
                "{}  {state}  {} {}  {}",
                webhook.id,
                webhook.method.as_deref().unwrap_or("?"),
                webhook.url.as_deref().unwrap_or("(no URL)"),
                webhook.events.join(", ")
            );
            self.output.line(&printable(&text), &without_secrets(&webhook)?)?;
        }
        Ok(Exit::Ok)
    }
}
