use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use super::api::ApiArgs;
use super::settings::SettingsArgs;
use super::show::{current_secret, must_be_new, write};
use crate::exit::Exit;
use crate::management::client::Client;
use crate::management::secret_file::SecretFile;
use crate::management::webhook::{Settings, Webhook};
use crate::output::OutputArgs;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks create https://game.example/webhook --event player.verify,item.add,item.remove \\
      --secret-file /run/secrets/aghanim
  aghanim-hooks webhooks create https://game.example/webhook --event 'order.*' --enabled false --dry-run

It is not repeated blindly: if an answer is lost, the command looks whether the webhook is there. A second webhook with the same
URL would send each event twice, and needs --again.";

/// Register a webhook
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Create {
    /// The URL that Aghanim sends to
    url: String,
    /// Subscribe to this event, or to these with commas between
    #[arg(long, value_name = "EVENT", required = true, value_delimiter = ',')]
    event: Vec<String>,
    /// The HTTP method of the deliveries. The endpoints of this library take POST
    #[arg(long, default_value = "POST", value_parser = ["POST", "GET"])]
    method: String,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Register it even if there is one with this URL
    #[arg(long)]
    again: bool,
    /// Write the secret to this new file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Print the secret
    #[arg(long)]
    print_secret: bool,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Create {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        self.settings.check_events(&self.event)?;
        if let Some(file) = &self.secret_file {
            must_be_new(file)?;
        }
        let settings = Settings {
            events: Some(self.event.clone()),
            url: Some(self.url.clone()),
            method: Some(self.method.clone()),
            ..self.settings.settings()
        };
        let client = self.api.client()?;
        let before = client.list().await?;
        if let Some(same) = before.iter().find(|webhook| webhook.url.as_ref() == Some(&self.url))
            && !self.again
        {
            bail!(
                "`{}` has this URL already, and would get each event as well: change it with `aghanim-hooks webhooks update \
                 {}`, or add --again",
                same.id,
                same.id
            );
        }
        if self.dry_run {
            let text = format!("would register: {}", serde_json::to_string(&settings)?);
            self.output.line(&text, &json!({"would": "create", "body": settings}))?;
            return Ok(Exit::Ok);
        }
        let webhook = made(&client, &settings, &before).await?;
        if let Some(file) = &self.secret_file {
            let saved = match &webhook.secret {
                Some(secret) => SecretFile::new(file).write(&[secret.reveal()]),
                None => Err(anyhow::anyhow!("Aghanim's answer has no secret")),
            };
            let id = &webhook.id;
            saved.with_context(|| {
                format!("the webhook `{id}` is registered: run `aghanim-hooks webhooks show {id} --secret-file FILE`")
            })?;
            anstream::eprintln!("the secret is in {}", file.display());
        } else if !self.print_secret {
            anstream::eprintln!("`aghanim-hooks webhooks show {} --secret-file FILE` writes the secret", webhook.id);
        }
        write(&webhook, self.print_secret, self.output)?;
        Ok(Exit::Ok)
    }
}

/// Registers it. If it is not known whether that was done, it looks for a webhook that was not there before.
async fn made(client: &Client, settings: &Settings, before: &[Webhook]) -> anyhow::Result<Webhook> {
    let error = match client.create(settings).await {
        Ok(webhook) => return Ok(webhook),
        Err(error) if !error.may_have_been_done() => return Err(error.into()),
        Err(error) => error,
    };
    anstream::eprintln!("{error}: looking whether it was registered");
    let unknown = "it is not known whether the webhook was registered: look with `aghanim-hooks webhooks list` before you try again";
    let Ok(now) = client.list().await else { return Err(anyhow::Error::new(error).context(unknown)) };
    let is_new = |webhook: &&Webhook| before.iter().all(|known| known.id != webhook.id) && webhook.url == settings.url;
    let Some(webhook) = now.iter().find(is_new) else {
        return Err(anyhow::Error::new(error).context("the webhook was not registered, or does not show yet"));
    };
    let secret = current_secret(client, &webhook.id).await?;
    Ok(Webhook { secret: Some(secret), ..webhook.clone() })
}
