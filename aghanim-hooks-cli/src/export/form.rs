use std::time::SystemTime;

use aghanim_hooks::Secret;
use aghanim_hooks::testing::conformance::Wire;
use anyhow::{Context as _, bail};
use clap::ValueEnum;
use serde_json::Value;

use super::{curl, har, redact, redact_answer, rust_test};
use crate::input::seconds;
use crate::recording::{Body, Recording};

/// The form in which a delivery is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    // Comments of another kind would be texts of the help.
    Curl,
    Har,
    RustTest,
}

/// An export of one delivery.
pub(crate) struct Export<'a> {
    /// The form.
    pub(crate) form: Form,
    /// The receiver's URL, for curl and HAR. `None` is the URL in the recording.
    pub(crate) url: Option<&'a str>,
    /// For a Rust test: the path of the function that makes the router of a secret.
    pub(crate) app: &'a str,
    /// True to keep bytes and signature as they are, personal data included.
    pub(crate) exact: bool,
    /// The secret, which signs the body anew after personal data was replaced.
    pub(crate) secret: Option<&'a Secret>,
}

impl Export<'_> {
    /// Writes a delivery in the form.
    ///
    /// # Errors
    /// Fails if the body can't be written in the form, or if the URL or the secret is missing.
    pub(crate) fn write(&self, mut recording: Recording) -> anyhow::Result<String> {
        let mut envelope = recording.envelope()?;
        if !self.exact {
            if !envelope.is_object() {
                bail!(
                    "the recorded body is not a JSON object, so personal data can't be replaced in it: export it exactly"
                );
            }
            redact(&mut envelope);
            recording.body = Body::new(envelope.to_string().as_bytes());
            if let Some(answer) = &mut recording.answer {
                let mut body = serde_json::from_slice::<Value>(&answer.body.bytes()?).unwrap_or_default();
                redact_answer(&mut body);
                answer.body = Body::new(body.to_string().as_bytes());
            }
        }
        let url = || {
            let url = self.url.or(recording.url.as_deref());
            url.context("the recorded delivery does not say where to: name the receiver's URL")
        };
        match self.form {
            Form::RustTest => rust_test(&recording, &envelope, self.app),
            Form::Curl => curl(&self.wire(&recording)?, url()?),
            Form::Har => har(&recording, &self.wire(&recording)?, url()?),
        }
    }

    /// As it was, or signed anew, since the body has changed.
    fn wire(&self, recording: &Recording) -> anyhow::Result<Wire> {
        if self.exact {
            return recording.wire();
        }
        let secret =
            self.secret.context("the body changes, so it is signed anew: name the secret, or export it exactly")?;
        let timestamp = seconds(SystemTime::now()).to_string();
        Ok(Wire::signed(secret, &timestamp, recording.body.bytes()?))
    }
}
