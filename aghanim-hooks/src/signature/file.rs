use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Secret, SecretError, Secrets};

impl Secrets {
    /// Reads secrets from a file: one in a line, the current one first. Empty lines are skipped.
    ///
    /// A file can be replaced while the process runs, and read again: see `Control::refresh_secrets`.
    ///
    /// ```no_run
    /// use aghanim_hooks::signature::Secrets;
    ///
    /// let secrets = Secrets::from_file("/run/secrets/aghanim")?;
    /// # Ok::<(), aghanim_hooks::signature::SecretsFileError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`SecretsFileError`] if the file cannot be read, contains no secret, or has a line that is not a secret.
    /// One bad line refuses the whole file. The message names the file and the line, never a secret.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SecretsFileError> {
        let path = path.as_ref();
        let error = |reason| SecretsFileError { path: path.to_owned(), reason };
        let text = Zeroizing::new(fs::read(path).map_err(|cause| error(Reason::Unreadable(cause)))?);
        let mut secrets: Option<Self> = None;
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            let secret = Secret::new(line).map_err(|cause| error(Reason::Line { number, cause }))?;
            secrets = Some(match secrets {
                Some(secrets) => secrets.or(secret),
                None => Self::new(secret),
            });
        }
        secrets.ok_or_else(|| error(Reason::Empty))
    }
}

/// The reason why a file of secrets is not accepted.
pub struct SecretsFileError {
    path: PathBuf,
    reason: Reason,
}

enum Reason {
    Unreadable(io::Error),
    Line { number: usize, cause: SecretError },
    Empty,
}

impl fmt::Display for SecretsFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            Reason::Unreadable(error) => write!(f, "the file of secrets `{path}` can't be read: {error}"),
            Reason::Line { number, cause } => write!(f, "the file of secrets `{path}`, line {number}: {cause}"),
            Reason::Empty => write!(f, "the file of secrets `{path}` is empty: write one secret in a line"),
        }
    }
}

/// The text of `Display`, since `main` prints an error that it returns with `Debug`.
impl fmt::Debug for SecretsFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SecretsFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Unreadable(error) => Some(error),
            Reason::Line { cause, .. } => Some(cause),
            Reason::Empty => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a temporary file with this text.
    fn read(name: &str, text: &[u8]) -> Result<Secrets, SecretsFileError> {
        let path = std::env::temp_dir().join(format!("aghanim-hooks-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        let read = Secrets::from_file(&path);
        fs::remove_file(&path).unwrap();
        read
    }

    #[test]
    fn one_secret_in_a_line() {
        let secrets = read("two", b"whsec_90d1b3c55e7fa284\r\n\nwhsec_4f1c9d0a77b2e8d6\n").unwrap();
        let signed: Vec<_> = secrets.iter().map(|secret| secret.sign(b"1", b"{}").to_string()).collect();
        let expected = |text| Secret::new(text).unwrap().sign(b"1", b"{}").to_string();
        assert_eq!(signed, [expected("whsec_90d1b3c55e7fa284"), expected("whsec_4f1c9d0a77b2e8d6")]);
    }

    #[test]
    fn one_bad_line_refuses_the_whole_file() {
        let error = read("bad", b"whsec_90d1b3c55e7fa284\nshort\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("at least 16") && !error.contains("short"), "{error}");
        assert!(std::error::Error::source(&read("cause", b"short\n").unwrap_err()).is_some());
        let error = read("spaces", b"whsec_90d1b3c55e7fa284 \n").unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("white space"), "{error}");
    }

    #[test]
    fn an_empty_or_missing_file_is_refused() {
        assert!(read("empty", b"\n\n").unwrap_err().to_string().contains("is empty"));
        let missing = Secrets::from_file("/nowhere/aghanim").unwrap_err().to_string();
        assert!(missing.contains("/nowhere/aghanim") && missing.contains("can't be read"), "{missing}");
    }
}
