use std::path::PathBuf;
use std::time::SystemTime;

use aghanim_hooks::testing::conformance::Wire;
use aghanim_hooks::testing::set_field;
use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::Value;

use super::send::SendArgs;
use crate::exit::Exit;
use crate::input;
use crate::recording::Recording;
use crate::secret::SecretArgs;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks replay delivery.json
  aghanim-hooks replay delivery.json --to http://127.0.0.1:8000/webhook --set event_data.player_id=p1
  aghanim-hooks replay recorded/*.json --exact";

/// Send recorded deliveries again, signed anew
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Replay {
    /// Recorded deliveries, which `trigger --record` writes
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The receiver's URL [default: where it was sent to]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Set a value of the envelope by its path. The value is JSON, or else text
    #[arg(long, value_name = "PATH=VALUE", value_parser = input::assignment)]
    set: Vec<(String, Value)>,
    /// Send the same bytes with the same signature
    #[arg(long, conflicts_with = "set")]
    exact: bool,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    secret: SecretArgs,
}

impl Replay {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let mut exit = Exit::Ok;
        for file in &self.files {
            let recording = Recording::read(file)?;
            let url = self.to.as_ref().or(recording.url.as_ref());
            let url = url.with_context(|| format!("{} does not say where to: add --to URL", file.display()))?;
            let target = self.send.target(url)?;
            let envelope = recording.envelope()?;
            let event = envelope["event_type"].as_str().unwrap_or("unknown").to_owned();
            let wire = if self.exact { recording.wire()? } else { self.signed(&recording, envelope)? };
            exit = exit.max(self.send.send(&target, &event, vec![wire], 1).await?);
        }
        Ok(exit)
    }

    /// The recorded body, byte for byte unless a value is set, signed now.
    fn signed(&self, recording: &Recording, mut envelope: Value) -> anyhow::Result<Wire> {
        let mut body = recording.body.bytes()?;
        if !self.set.is_empty() {
            if !envelope.is_object() {
                bail!("the recorded body is not a JSON object, so --set can't set a value in it");
            }
            for (path, value) in &self.set {
                set_field(&mut envelope, path, value.clone());
            }
            body = envelope.to_string().into_bytes();
        }
        let timestamp = input::seconds(SystemTime::now()).to_string();
        Ok(Wire::signed(&self.secret.secret()?, &timestamp, body))
    }
}
