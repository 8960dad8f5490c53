use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::events::catalogue::{IdempotencyKey, find};
use aghanim_hooks::testing::conformance::Wire;
use aghanim_hooks::testing::{sample_request, set_field};
use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Value, json};

use super::send::SendArgs;
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
    /// Send it so many times, byte for byte the same
    #[arg(long, value_name = "N", default_value_t = 1)]
    repeat: usize,
    /// Send so many at once
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
        let sample = sample_request(&self.event);
        let given = match &self.data {
            Some(file) => {
                let bytes = input::read(file, &self.secret)?;
                Some(
                    serde_json::from_slice::<Value>(&bytes)
                        .with_context(|| format!("{} is no JSON", file.display()))?,
                )
            }
            None => None,
        };
        let mut envelope = match (given, sample) {
            (Some(given), _) if given.get("event_type").is_some() && given.get("event_data").is_some() => given,
            (Some(data), sample) => {
                let mut envelope = sample.unwrap_or_else(|| {
                    json!({"game_id": "gm_test", "request_id": null, "trigger": "test", "sandbox": false, "context": null})
                });
                envelope["event_data"] = data;
                envelope
            }
            (None, Some(sample)) => sample,
            (None, None) => bail!("`{}` is not among `aghanim-hooks events`: give it data with --data", self.event),
        };
        // Fresh, so that it is not taken for a duplicate of an earlier one.
        let number = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        envelope["event_type"] = json!(self.event);
        envelope["event_id"] = json!(format!("whevt_{number:x}"));
        envelope["transaction_id"] = json!(format!("whtx_{number:x}"));
        envelope["event_time"] = json!(input::seconds(at));
        let keyed = find(&self.event).is_none_or(|event| event.idempotency_key != IdempotencyKey::Null);
        envelope["idempotency_key"] = match &self.key {
            Some(key) if key.is_empty() => Value::Null,
            Some(key) => json!(key),
            None if keyed => json!(format!("key_{number:x}")),
            None => Value::Null,
        };
        if self.sandbox {
            envelope["sandbox"] = json!(true);
        }
        for (path, value) in &self.set {
            set_field(&mut envelope, path, value.clone());
        }
        Ok(envelope)
    }
}
