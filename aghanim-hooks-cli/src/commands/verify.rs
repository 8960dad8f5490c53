use std::path::PathBuf;
use std::time::SystemTime;

use aghanim_hooks::signature::Tolerance;
use anyhow::Context as _;
use clap::Args;

use crate::exit::Exit;
use crate::input;
use crate::output::OutputArgs;
use crate::recording::Recording;
use crate::secret::SecretArgs;
use crate::signature::judge;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks verify body.json --signature 9f86d0… --timestamp 1714147200
  aghanim-hooks verify --recording delivery.json
  aghanim-hooks verify --recording delivery.json --at 2026-11-24T18:00:00Z";

/// Verify a signature: yes, or the reason why not
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    /// The file with the body; `-` is standard input
    #[arg(default_value = "-", conflicts_with = "recording")]
    body: PathBuf,
    /// The value of X-Aghanim-Signature
    #[arg(long, value_name = "HEX", required_unless_present = "recording")]
    signature: Option<String>,
    /// The value of X-Aghanim-Signature-Timestamp
    #[arg(long, value_name = "SECONDS", required_unless_present = "recording", allow_hyphen_values = true)]
    timestamp: Option<String>,
    /// A recorded delivery, which has all three
    #[arg(long, value_name = "FILE", conflicts_with_all = ["signature", "timestamp"])]
    recording: Option<PathBuf>,
    /// The greatest age that is accepted
    #[arg(long, value_name = "DURATION", default_value = "72h", value_parser = humantime::parse_duration)]
    tolerance: std::time::Duration,
    /// Verify as if it were this time
    #[arg(long, value_name = "TIME", value_parser = input::time, allow_hyphen_values = true)]
    at: Option<SystemTime>,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let secret = self.secret.text()?;
        let (signature, timestamp, body) = match &self.recording {
            Some(file) => {
                let recording = Recording::read(file)?;
                let (signature, timestamp) = recording.signature().context("the recorded delivery was not signed")?;
                (signature.to_owned(), timestamp.to_owned(), recording.body.bytes()?)
            }
            None => {
                let (signature, timestamp) = (self.signature.unwrap_or_default(), self.timestamp.unwrap_or_default());
                (signature, timestamp, input::read(&self.body, &self.secret)?)
            }
        };
        let tolerance = Tolerance { past: self.tolerance, ..Tolerance::default() };
        let now = self.at.unwrap_or_else(SystemTime::now);
        let verdict = judge(&secret, signature.as_bytes(), timestamp.as_bytes(), &body, tolerance, now)?;
        self.output.line(&verdict.to_string(), &verdict)?;
        Ok(if verdict.is_valid() { Exit::Ok } else { Exit::Differs })
    }
}
