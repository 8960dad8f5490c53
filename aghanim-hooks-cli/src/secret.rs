//! Reads the webhook's secret. It comes from the command line only with `--insecure-secret`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use aghanim_hooks::Secret;
use anyhow::Context as _;
use clap::Args;
use zeroize::Zeroizing;

/// The variable that is read unless another source is named.
const VARIABLE: &str = "AGHANIM_WEBHOOK_SECRET";

/// The options that name the secret.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct SecretArgs {
    /// Read the secret from this environment variable [default: `AGHANIM_WEBHOOK_SECRET`]
    #[arg(long, value_name = "VARIABLE")]
    secret_env: Option<String>,
    /// Read the secret from this file, or from standard input with `-`
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The secret itself. Other users of the machine can see it, and the shell remembers it
    #[arg(long, value_name = "SECRET")]
    insecure_secret: Option<String>,
}

/// Reads a secret or a key from a file, or from standard input for `-`.
///
/// # Errors
/// Fails if it can't be read.
pub fn from_file(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("can't read standard input")?;
    } else {
        *text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    }
    // The line's end is the editor's, not the secret's.
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

impl SecretArgs {
    /// Reads the secret's text.
    ///
    /// # Errors
    /// Fails if the source can't be read.
    pub fn text(&self) -> anyhow::Result<Zeroizing<String>> {
        if let Some(text) = &self.insecure_secret {
            return Ok(Zeroizing::new(text.clone()));
        }
        if let Some(file) = &self.secret_file {
            return from_file(file);
        }
        let variable = self.secret_env.as_deref().unwrap_or(VARIABLE);
        let text = std::env::var(variable).with_context(|| {
            format!("no secret: set {variable} to the webhook's secret, or name a file with --secret-file")
        })?;
        Ok(Zeroizing::new(text))
    }

    /// Reads the secret.
    ///
    /// # Errors
    /// Fails if the source can't be read, or is not a secret.
    pub fn secret(&self) -> anyhow::Result<Secret> {
        Ok(Secret::new(self.text()?.as_bytes())?)
    }

    /// True if a source was named, or the usual variable is set.
    #[must_use]
    pub fn is_given(&self) -> bool {
        let named = self.secret_env.is_some() || self.secret_file.is_some() || self.insecure_secret.is_some();
        named || std::env::var_os(VARIABLE).is_some()
    }

    /// True if the secret comes from standard input, which then can't hold anything else.
    #[must_use]
    pub fn takes_stdin(&self) -> bool {
        self.secret_file.as_deref() == Some(Path::new("-"))
    }
}
