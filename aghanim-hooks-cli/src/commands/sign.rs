use std::path::PathBuf;
use std::time::SystemTime;

use aghanim_hooks::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use aghanim_hooks::testing::conformance::Wire;
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::export::curl;
use crate::input;
use crate::output::OutputArgs;
use crate::secret::SecretArgs;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks sign event.json
  aghanim-hooks sign event.json --curl http://127.0.0.1:8000/webhook | sh
  printf '%s' '{\"event_type\":\"a.b\",\"event_data\":{}}' | aghanim-hooks sign --at -1h";

/// Sign a body: print its headers, or a whole curl command
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Sign {
    /// The file with the body; `-` is standard input
    #[arg(default_value = "-")]
    body: PathBuf,
    /// Sign at this time: Unix seconds, 2026-11-24T18:00:00Z, -5m, +1h
    #[arg(long, value_name = "TIME", value_parser = input::time, allow_hyphen_values = true)]
    at: Option<SystemTime>,
    /// Print a curl command that sends the body to this URL
    #[arg(long, value_name = "URL", conflicts_with = "json")]
    curl: Option<String>,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Sign {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let secret = self.secret.secret()?;
        let body = input::read(&self.body, &self.secret)?;
        let timestamp = input::seconds(self.at.unwrap_or_else(SystemTime::now)).to_string();
        if let Some(url) = &self.curl {
            let command = curl(&Wire::signed(&secret, &timestamp, body), url)?;
            self.output.line(&command, &command)?;
            return Ok(Exit::Ok);
        }
        let signature = secret.sign(timestamp.as_bytes(), &body).to_string();
        let text = format!("{SIGNATURE_HEADER}: {signature}\n{TIMESTAMP_HEADER}: {timestamp}");
        self.output.line(&text, &json!({"signature": signature, "timestamp": timestamp}))?;
        Ok(Exit::Ok)
    }
}
