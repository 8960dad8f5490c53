use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Value, json};

use super::api::ApiArgs;
use crate::exit::Exit;
use crate::management::client::Client;
use crate::management::secret_file::SecretFile;
use crate::management::webhook::{Hidden, Webhook, is_sensitive};
use crate::output::{OutputArgs, printable};

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks show wh_eRhXkVsQjpT
  aghanim-hooks webhooks show wh_eRhXkVsQjpT --secret-file /run/secrets/aghanim
  aghanim-hooks webhooks show wh_eRhXkVsQjpT --reveal --json | jq -r .secret";

/// Show everything about one webhook; the secret only if asked for
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The webhook's id
    id: String,
    /// Print the secret as well
    #[arg(long)]
    reveal: bool,
    /// Write the secret to this new file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let client = self.api.client()?;
        if let Some(file) = &self.secret_file {
            must_be_new(file)?;
        }
        let mut webhook = client.get(&self.id).await?;
        if self.reveal || self.secret_file.is_some() {
            webhook.secret = Some(current_secret(&client, &self.id).await?);
        }
        if let (Some(file), Some(secret)) = (&self.secret_file, &webhook.secret) {
            SecretFile::new(file).write(&[secret.reveal()])?;
            anstream::eprintln!("the secret is in {}", file.display());
        }
        write(&webhook, self.reveal, self.output)?;
        Ok(Exit::Ok)
    }
}

/// The secret that Aghanim signs with now.
pub(super) async fn current_secret(client: &Client, id: &str) -> anyhow::Result<Hidden> {
    let revealed = client.reveal(id).await?.secret;
    revealed.context("Aghanim's answer to `reveal` has no secret: take it from the dashboard")
}

/// Refuses to replace a file of secrets, which may be another webhook's.
pub(super) fn must_be_new(file: &std::path::Path) -> anyhow::Result<()> {
    if file.symlink_metadata().is_ok() {
        bail!("{} is there already: name another --secret-file, or change it with `webhooks rotate`", file.display());
    }
    Ok(())
}

/// Writes a webhook, with all its fields. The secret is only shown if `reveal` is true.
pub(super) fn write(webhook: &Webhook, reveal: bool, output: OutputArgs) -> anyhow::Result<()> {
    let mut fields = if reveal { serde_json::to_value(webhook)? } else { without_secrets(webhook)? };
    if let (Some(fields), Some(secret)) = (fields.as_object_mut(), webhook.secret.as_ref().filter(|_| reveal)) {
        fields.insert("secret".to_owned(), json!(secret.reveal()));
    }
    let text: Vec<_> = fields.as_object().into_iter().flatten().map(|(field, value)| line(field, value)).collect();
    output.line(&text.join("\n"), &fields)
}

/// All fields of a webhook. A value that may be a secret is replaced.
pub(super) fn without_secrets(webhook: &Webhook) -> anyhow::Result<Value> {
    let mut fields = serde_json::to_value(webhook)?;
    // Aghanim has shortened this one itself. Others may be whole.
    let is_hidden = |field: &str| is_sensitive(field) && field != "secret_redacted";
    for (_, value) in fields.as_object_mut().into_iter().flatten().filter(|(field, _)| is_hidden(field)) {
        *value = json!("(hidden: `webhooks show --reveal` shows it)");
    }
    Ok(fields)
}

fn line(field: &str, value: &Value) -> String {
    let shown = match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let texts = list.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    printable(&format!("{field:<22} {shown}"))
}
