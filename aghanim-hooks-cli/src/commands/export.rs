use std::path::PathBuf;
use std::time::SystemTime;

use aghanim_hooks::testing::conformance::Wire;
use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::exit::Exit;
use crate::export::{curl, har, redact, redact_answer, rust_test};
use crate::input;
use crate::recording::{Body, Recording};
use crate::secret::SecretArgs;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks export delivery.json --as rust-test --app my_game::app >> tests/webhooks.rs
  aghanim-hooks export delivery.json --as curl --to http://127.0.0.1:8000/webhook
  aghanim-hooks export delivery.json --as har --exact > delivery.har";

/// Turn a recorded delivery into a curl command, a HAR file or a Rust test, without personal data
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Export {
    /// The recorded delivery
    file: PathBuf,
    /// The form to write
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Form,
    /// The receiver's URL, for curl and har [default: where it was sent to]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// For rust-test: the function that makes the router of a secret
    #[arg(long, value_name = "PATH", default_value = "crate::app")]
    app: String,
    /// Keep the bytes and the signature as they are, personal data included
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Curl,
    Har,
    RustTest,
}

impl Export {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        use std::io::Write as _;

        let mut recording = Recording::read(&self.file)?;
        let mut envelope = recording.envelope()?;
        if !self.exact {
            if !envelope.is_object() {
                bail!("the recorded body is no JSON object, in which personal data could be replaced: add --exact");
            }
            redact(&mut envelope);
            recording.body = Body::new(envelope.to_string().as_bytes());
            if let Some(answer) = &mut recording.answer {
                let mut body = serde_json::from_slice::<Value>(&answer.body.bytes()?).unwrap_or_default();
                redact_answer(&mut body);
                answer.body = Body::new(body.to_string().as_bytes());
            }
        }
        let text = match self.form {
            Form::RustTest => rust_test(&recording, &envelope, &self.app)?,
            Form::Curl => curl(&self.wire(&recording)?, self.url(&recording)?)?,
            Form::Har => har(&recording, &self.wire(&recording)?, self.url(&recording)?)?,
        };
        writeln!(anstream::stdout(), "{text}").context("can't write to standard output")?;
        Ok(Exit::Ok)
    }

    fn url<'a>(&'a self, recording: &'a Recording) -> anyhow::Result<&'a str> {
        let url = self.to.as_deref().or(recording.url.as_deref());
        url.context("the recorded delivery does not say where to: add --to URL")
    }

    /// As it was, or signed anew, since the body has changed.
    fn wire(&self, recording: &Recording) -> anyhow::Result<Wire> {
        if self.exact {
            return recording.wire();
        }
        let secret = self.secret.secret().context("the body changes, so that it is signed anew; or add --exact")?;
        let timestamp = input::seconds(SystemTime::now()).to_string();
        Ok(Wire::signed(&secret, &timestamp, recording.body.bytes()?))
    }
}
