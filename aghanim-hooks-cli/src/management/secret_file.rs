//! The file of secrets that an endpoint reads: one in a line, the current one first.

use std::path::{Path, PathBuf};

use aghanim_hooks::Secret;
use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use crate::replace::{Readers, replace};

/// A file of secrets, in the form of `Secrets::from_file`.
#[derive(Debug)]
pub struct SecretFile {
    path: PathBuf,
}

impl SecretFile {
    /// The file at this path, which need not be there.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The secrets in it. `None` if there is no such file.
    ///
    /// # Errors
    /// Fails if the file can't be read, or if a line is not a secret.
    pub fn read(&self) -> anyhow::Result<Option<Vec<Zeroizing<String>>>> {
        let shown = self.path.display();
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("can't read {shown}")),
        };
        let mut secrets = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty()) {
            Secret::new(line).with_context(|| format!("{shown}, line {number}"))?;
            secrets.push(Zeroizing::new(line.to_owned()));
        }
        Ok(Some(secrets))
    }

    /// The time of the last change.
    ///
    /// # Errors
    /// Fails if there is no such file.
    pub fn changed_at(&self) -> anyhow::Result<std::time::SystemTime> {
        let changed = std::fs::metadata(&self.path).and_then(|file| file.modified());
        changed.with_context(|| format!("can't read {}", self.path.display()))
    }

    /// Replaces the file by one with these secrets, the current one first.
    ///
    /// # Errors
    /// Fails if the file can't be written. It is then as it was.
    pub fn write(&self, secrets: &[&str]) -> anyhow::Result<()> {
        let mut text = Zeroizing::new(String::new());
        for secret in secrets {
            if Secret::new(*secret).is_err() || secret.contains('\n') {
                bail!("Aghanim's secret can't be a line of {}: no endpoint would read it", self.path.display());
            }
            text.push_str(secret);
            text.push('\n');
        }
        replace(&self.path, text.as_bytes(), Readers::Owner)
    }
}
