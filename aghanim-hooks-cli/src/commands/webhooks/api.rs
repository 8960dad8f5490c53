use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use zeroize::Zeroizing;

use crate::management::client::{ADDRESS, Client};
use crate::management::webhook::Webhook;
use crate::secret;

/// The variable that is read unless another source is named.
const VARIABLE: &str = "AGHANIM_API_KEY";

/// The options for the management API.
#[derive(Debug, Args)]
pub(super) struct ApiArgs {
    /// Read the API key from this environment variable [default: `AGHANIM_API_KEY`]
    #[arg(long, value_name = "VARIABLE", conflicts_with = "api_key_file")]
    api_key_env: Option<String>,
    /// Read the API key from this file, or from standard input with `-`
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// The API's address
    #[arg(long, value_name = "URL", default_value = ADDRESS)]
    api: String,
    /// The time that the API has for each answer
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Repeat a failed call up to N times, if that does no harm, after growing pauses or the API's own `Retry-After`
    #[arg(long, value_name = "N", default_value_t = 4)]
    retries: u32,
}

impl ApiArgs {
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        let notice = |text: &str| anstream::eprintln!("{text}");
        Client::new(&self.api, &self.key()?, self.timeout, self.retries, notice)
    }

    fn key(&self) -> anyhow::Result<Zeroizing<String>> {
        if let Some(file) = &self.api_key_file {
            return secret::from_file(file);
        }
        let variable = self.api_key_env.as_deref().unwrap_or(VARIABLE);
        let text = std::env::var(variable).with_context(|| {
            format!("no API key: set {variable} to a key of the game, or name a file with --api-key-file")
        })?;
        Ok(Zeroizing::new(text))
    }
}

/// The webhooks with these names, which are ids or URLs. Without names, all webhooks.
pub(super) fn only(webhooks: Vec<Webhook>, names: &[String]) -> anyhow::Result<Vec<Webhook>> {
    for name in names {
        if !webhooks.iter().any(|webhook| webhook.is_named(name)) {
            bail!("`{name}` is neither the id nor the URL of a webhook: see `aghanim-hooks webhooks list`");
        }
    }
    let named = |webhook: &Webhook| names.is_empty() || names.iter().any(|name| webhook.is_named(name));
    Ok(webhooks.into_iter().filter(named).collect())
}
