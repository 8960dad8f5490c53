use clap::Args;
use serde_json::json;

use super::api::ApiArgs;
use super::confirm::Consent;
use super::show::without_secrets;
use crate::exit::Exit;
use crate::output::{OutputArgs, printable};

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks delete wh_eRhXkVsQjpT --dry-run
  aghanim-hooks webhooks delete wh_eRhXkVsQjpT --yes

To end deliveries for a while, `aghanim-hooks webhooks update ID --enabled false` keeps the webhook and its secret.";

/// Delete a webhook for ever, with its secret
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Delete {
    /// The webhook's id
    id: String,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Delete {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let client = self.api.client()?;
        let webhook = client.get(&self.id).await?;
        let (url, events) = (webhook.url.as_deref().unwrap_or("(no URL)"), webhook.events.join(", "));
        let about = printable(&format!("`{}`, which sends {events} to {url}", self.id));
        if self.consent.dry_run {
            let object = json!({"would": "delete", "webhook": without_secrets(&webhook)?});
            self.output.line(&format!("would delete {about}"), &object)?;
            return Ok(Exit::Ok);
        }
        self.consent.confirm(&format!("This deletes {about}."))?;
        client.delete(&self.id).await?;
        self.output.line(&format!("deleted {about}"), &json!({"deleted": self.id}))?;
        Ok(Exit::Ok)
    }
}
