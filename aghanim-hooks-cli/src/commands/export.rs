use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::exit::Exit;
use crate::export::{self, Form};
use crate::recording::Recording;
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

impl Export {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        use std::io::Write as _;

        let recording = Recording::read(&self.file)?;
        // A Rust test and an exact copy are not signed anew.
        let signs = !self.exact && self.form != Form::RustTest;
        let read = || self.secret.secret().context("the body changes, so it is signed anew; or add --exact");
        let secret = if signs { Some(read()?) } else { None };
        let (url, app, exact) = (self.to.as_deref(), &*self.app, self.exact);
        let text = export::Export { form: self.form, url, app, exact, secret: secret.as_ref() }.write(recording)?;
        writeln!(anstream::stdout(), "{text}").context("can't write to standard output")?;
        Ok(Exit::Ok)
    }
}
