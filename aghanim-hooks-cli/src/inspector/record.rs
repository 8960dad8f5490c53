//! Deliveries as files, which `replay`, `verify` and `export` read.

use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use aghanim_hooks::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use anyhow::{Context as _, bail};
use serde_json::Value;

use super::delivery::Delivery;
use super::headers::without_hidden;
use crate::export::redact_fields;
use crate::input::seconds;
use crate::recording::{Answer, Body, Recording, pairs};

/// A directory for recordings, and the fields that are replaced in them.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) directory: PathBuf,
    pub(crate) redact: Vec<String>,
}

impl Record {
    /// Writes a delivery. A file that is there already is left as it is.
    ///
    /// # Errors
    /// When the file can't be written, or fields can't be replaced because a body is not JSON.
    pub(crate) fn write(&self, delivery: &Delivery, url: &str) -> anyhow::Result<PathBuf> {
        let mut recording = recording(delivery, url);
        if !self.redact.is_empty() {
            self.redact(&mut recording)?;
        }
        let event = delivery.summary.event.as_deref().unwrap_or("unknown");
        let name = format!("{}-{}-{}.json", recording.recorded_at, file_name(event), delivery.summary.id);
        let path = self.directory.join(name);
        std::fs::create_dir_all(&self.directory).with_context(|| format!("can't make {}", self.directory.display()))?;
        if !path.exists() {
            recording.write(&path)?;
        }
        Ok(path)
    }

    /// Replaces the fields in both bodies. The signature is of the original body, so it goes too.
    fn redact(&self, recording: &mut Recording) -> anyhow::Result<()> {
        let redacted = |body: &Body| -> anyhow::Result<Body> {
            let bytes = body.bytes()?;
            if bytes.is_empty() {
                return Ok(body.clone());
            }
            let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
                bail!("a body is not JSON, so nothing in it can be replaced: it is not recorded");
            };
            redact_fields(&mut value, &self.redact);
            Ok(Body::new(value.to_string().as_bytes()))
        };
        recording.body = redacted(&recording.body)?;
        if let Some(answer) = &mut recording.answer {
            answer.body = redacted(&answer.body)?;
        }
        let signed = [SIGNATURE_HEADER, TIMESTAMP_HEADER];
        recording.headers.retain(|(name, _)| !signed.contains(&&**name));
        Ok(())
    }
}

/// A delivery in the form of a file.
pub(crate) fn recording(delivery: &Delivery, url: &str) -> Recording {
    let received = humantime::parse_rfc3339(&delivery.summary.received).unwrap_or(UNIX_EPOCH);
    let answer = delivery.answer.as_ref().map(|answer| Answer {
        status: answer.status.as_u16(),
        headers: pairs(&without_hidden(&answer.headers)),
        body: Body::new(&answer.body),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration, rounded")]
        milliseconds: delivery.summary.ms.unwrap_or_default().round() as u64,
    });
    Recording {
        recorded_at: seconds(received),
        url: Some(url.to_owned()),
        headers: pairs(&without_hidden(&delivery.headers)),
        body: Body::new(&delivery.body),
        answer,
    }
}

/// A part of a file's name. The sender chose the text, so it may hold a path.
pub(crate) fn file_name(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = text.chars().take(64).map(safe).collect();
    if name.starts_with('.') || name.is_empty() { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_is_no_path() {
        assert_eq!(file_name("item.add"), "item.add");
        assert_eq!(file_name("../../etc/passwd"), "_.._.._etc_passwd");
        assert_eq!(file_name("a/b\\c\0d\n"), "a_b_c_d_");
        assert_eq!(file_name(""), "_");
        assert_eq!(file_name(&"x".repeat(500)).len(), 64);
    }
}
