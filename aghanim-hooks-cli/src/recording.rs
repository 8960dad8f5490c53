//! A delivery as a file: one JSON object with headers, body and time, and the answer if there was one.

use std::path::Path;
use std::time::{Duration, SystemTime};

use aghanim_hooks::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use aghanim_hooks::testing::RawAnswer;
use aghanim_hooks::testing::conformance::Wire;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::input::seconds;

/// A recorded delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// The time of the recording, in Unix seconds.
    pub recorded_at: u64,
    /// The URL that it was sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Names and values, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Body,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// A recorded answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Body,
    /// The time until the answer, in milliseconds.
    pub milliseconds: u64,
}

/// Bytes, as text where they are UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// As they are.
    Text(String),
    /// In base64, if they are not UTF-8.
    Base64(String),
}

impl Body {
    /// Keeps these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }

    /// The bytes.
    ///
    /// # Errors
    /// Fails if a recorded body is not valid base64.
    pub fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::Base64(text) => STANDARD.decode(text).context("the recorded body is not base64"),
        }
    }
}

/// Names and values. Bytes that are not UTF-8 are replaced.
pub(crate) fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

impl Recording {
    /// Records a request.
    #[must_use]
    pub fn new(wire: &Wire, url: Option<String>) -> Self {
        let recorded_at = seconds(SystemTime::now());
        Self { recorded_at, url, headers: pairs(&wire.headers), body: Body::new(&wire.body), answer: None }
    }

    /// Adds the answer.
    #[must_use]
    pub fn answered(mut self, answer: &RawAnswer, time: Duration) -> Self {
        self.answer = Some(Answer {
            status: answer.status.as_u16(),
            headers: pairs(&answer.headers),
            body: Body::new(&answer.body),
            milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        });
        self
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Fails if it can't be read, or is not a recording.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not a recorded delivery", path.display()))
    }

    /// Writes a file that only its owner can read.
    ///
    /// # Errors
    /// Fails if it can't be written, or is already there.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        use std::io::Write as _;

        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).with_context(|| format!("can't make {}", path.display()))?;
        serde_json::to_writer_pretty(&mut file, self)?;
        writeln!(file).with_context(|| format!("can't write {}", path.display()))
    }

    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// The signature and the timestamp.
    #[must_use]
    pub fn signature(&self) -> Option<(&str, &str)> {
        Some((self.header(SIGNATURE_HEADER)?, self.header(TIMESTAMP_HEADER)?))
    }

    /// The envelope; null if the body is not JSON.
    ///
    /// # Errors
    /// Fails if a recorded body is not valid base64.
    pub fn envelope(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.body.bytes()?).unwrap_or_default())
    }

    /// The request as it was, byte for byte.
    ///
    /// # Errors
    /// Fails if a header or the body can't be sent.
    pub fn wire(&self) -> anyhow::Result<Wire> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            // These are the connection's own.
            if ["host", "content-length", "connection", "transfer-encoding"].contains(&&*name.to_ascii_lowercase()) {
                continue;
            }
            let name: HeaderName = name.parse().with_context(|| format!("`{name}` is not a header's name"))?;
            let value = HeaderValue::from_bytes(value.as_bytes()).with_context(|| format!("`{name}` can't be sent"))?;
            headers.append(name, value);
        }
        Ok(Wire::new(headers, self.body.bytes()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for bytes in [&b"{\"a\":1}\r\n"[..], b"\xff\x00\xfe", b""] {
            assert_eq!(Body::new(bytes).bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn a_file_that_is_there_is_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("delivery.json");
        let recording = Recording::new(&Wire::new(HeaderMap::new(), "{}"), None);
        recording.write(&path).unwrap();
        assert_eq!(Recording::read(&path).unwrap(), recording);
        assert!(recording.write(&path).is_err());
    }
}
