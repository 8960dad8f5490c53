//! Reads the values of arguments: times, assignments and files.

use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::secret::SecretArgs;

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// Fails if it can't be read, or if the secret comes from standard input as well.
pub fn read(path: &Path, secret: &SecretArgs) -> anyhow::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path).with_context(|| format!("can't read {}", path.display()));
    }
    if secret.takes_stdin() {
        bail!("standard input can hold the secret or the body, not both");
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("can't read standard input")?;
    Ok(bytes)
}

/// Reads a time: Unix seconds, `2026-11-24T18:00:00Z`, or from now `-5m`, `+1day`, `now`.
///
/// # Errors
/// Returns a text that says what is expected.
pub fn time(text: &str) -> Result<SystemTime, String> {
    let mistaken = || format!("`{text}` is no time: write Unix seconds, 2026-11-24T18:00:00Z, -5m or +1h");
    let now = SystemTime::now();
    if text == "now" {
        return Ok(now);
    }
    if let Ok(seconds) = text.parse::<u64>()
        && !text.starts_with('+')
    {
        return UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or_else(mistaken);
    }
    if let Some(ago) = text.strip_prefix('-') {
        let ago = humantime::parse_duration(ago).map_err(|_| mistaken())?;
        return now.checked_sub(ago).ok_or_else(mistaken);
    }
    if let Some(ahead) = text.strip_prefix('+') {
        let ahead = humantime::parse_duration(ahead).map_err(|_| mistaken())?;
        return now.checked_add(ahead).ok_or_else(mistaken);
    }
    humantime::parse_rfc3339_weak(text).map_err(|_| mistaken())
}

/// The Unix seconds of a time, as the timestamp header has them.
#[must_use]
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Reads `path=value`. The value is JSON, or else the text itself.
///
/// # Errors
/// Returns a text that says what is expected.
pub fn assignment(text: &str) -> Result<(String, Value), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.is_empty() => {
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
            Ok((path.to_owned(), value))
        }
        _ => Err(format!("`{text}` sets nothing: write event_data.player_id=p1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_form() {
        assert_eq!(seconds(time("1714147200").unwrap()), 1_714_147_200);
        assert_eq!(seconds(time("2024-04-26T16:00:00Z").unwrap()), 1_714_147_200);
        assert!(time("-5m").unwrap() < SystemTime::now() && time("+1h").unwrap() > SystemTime::now());
        assert!(time("soon").is_err() && time("-").is_err() && time("").is_err());
    }

    #[test]
    fn values_are_json_or_text() {
        assert_eq!(assignment("a.b=12").unwrap(), ("a.b".to_owned(), 12.into()));
        assert_eq!(assignment("a=p1").unwrap().1, "p1");
        assert_eq!(assignment("a=\"12\"").unwrap().1, "12");
        assert!(assignment("a").is_err() && assignment("=1").is_err());
    }
}
