use std::path::PathBuf;
use std::time::SystemTime;

use aghanim_hooks::testing::conformance::Wire;
use aghanim_hooks::testing::set_field;
use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::send::SendArgs;
use crate::envelope::{fresh, refresh};
use crate::exit::Exit;
use crate::input;
use crate::secret::SecretArgs;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks trigger player.verify --to http://127.0.0.1:8000/webhook
  aghanim-hooks trigger item.add --to http://127.0.0.1:8000/webhook --set event_data.player_id=p1 --sandbox
  aghanim-hooks trigger item.add --to http://127.0.0.1:8000/webhook --key k1 --repeat 8 --parallel 8
  echo '{\"guild_id\":\"g1\"}' | aghanim-hooks trigger guild.joined --to http://127.0.0.1:8000/webhook --data -";

/// Send a signed event, and say whether the answer fits the event's contract
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Trigger {
    /// The event's type: one of `aghanim-hooks events`, or with --data any other
    event: String,
    /// The receiver's URL
    #[arg(long, value_name = "URL")]
    to: String,
    /// Set a value of the envelope by its path. The value is JSON, or else text
    #[arg(long, value_name = "PATH=VALUE", value_parser = input::assignment)]
    set: Vec<(String, Value)>,
    /// Take `event_data`, or a whole envelope, from this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Send it from the sandbox
    #[arg(long)]
    sandbox: bool,
    /// Set the idempotency key; an empty one is null [default: a fresh one, where the event has one]
    #[arg(long)]
    key: Option<String>,
    /// The number of times to send it, byte for byte the same
    #[arg(long, value_name = "N", default_value_t = 1)]
    repeat: usize,
    /// The number of requests to send at once
    #[arg(long, value_name = "N", default_value_t = 1)]
    parallel: usize,
    /// Sign at this time: Unix seconds, 2026-11-24T18:00:00Z, -5m, +1h
    #[arg(long, value_name = "TIME", value_parser = input::time, allow_hyphen_values = true)]
    at: Option<SystemTime>,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    secret: SecretArgs,
}

impl Trigger {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let target = self.send.target(&self.to)?;
        let secret = self.secret.secret()?;
        let at = self.at.unwrap_or_else(SystemTime::now);
        let body = self.envelope(at)?.to_string();
        let wire = Wire::signed(&secret, &input::seconds(at).to_string(), body);
        let times = self.repeat.max(self.parallel);
        self.send.send(&target, &self.event, vec![wire; times], self.parallel).await
    }

    fn envelope(&self, at: SystemTime) -> anyhow::Result<Value> {
        let mut envelope = match self.given()? {
            Some(mut whole) if whole.get("event_type").is_some() && whole.get("event_data").is_some() => {
                refresh(&mut whole, &self.event, at);
                whole
            }
            data => fresh(&self.event, data, at).with_context(|| {
                format!("`{}` is not among `aghanim-hooks events`: give it data with --data", self.event)
            })?,
        };
        match &self.key {
            Some(key) if key.is_empty() => envelope["idempotency_key"] = Value::Null,
            Some(key) => envelope["idempotency_key"] = json!(key),
            None => {}
        }
        if self.sandbox {
            envelope["sandbox"] = json!(true);
        }
        for (path, value) in &self.set {
            set_field(&mut envelope, path, value.clone());
        }
        Ok(envelope)
    }

    /// The JSON of `--data`.
    fn given(&self) -> anyhow::Result<Option<Value>> {
        let Some(file) = &self.data else { return Ok(None) };
        let bytes = input::read(file, &self.secret)?;
        let value = serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", file.display()))?;
        Ok(Some(value))
    }
}
