//! The checked-in registration, which `webhooks![…; subscribed in "aghanim-webhooks.json"]` reads.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::webhook::{Webhook, is_sensitive};
use crate::replace::{Readers, replace};

/// The version of the form that is read and written.
pub const VERSION: u64 = 1;

/// The webhooks of the file, and the other keys of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// The version of the form.
    pub version: u64,
    /// The webhooks, in the order of their ids.
    pub webhooks: Vec<Webhook>,
    /// Keys of your own. They stay.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Registration {
    /// The registration of these webhooks.
    ///
    /// Ids and events are sorted, so that the file changes only when the registration does. What may be a secret, or a part
    /// of one, is left out: the file is checked in.
    #[must_use]
    pub fn of(webhooks: &[Webhook]) -> Self {
        let mut webhooks = webhooks.to_vec();
        for webhook in &mut webhooks {
            webhook.secret = None;
            webhook.other.retain(|field, _| !is_sensitive(field));
            webhook.events.sort_unstable();
        }
        webhooks.sort_by(|one, other| one.id.cmp(&other.id));
        Self { version: VERSION, webhooks, other: Map::new() }
    }

    /// Reads the file. `None` if it is not there.
    ///
    /// # Errors
    /// Fails if it can't be read, or is of another form or version.
    pub fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let shown = path.display();
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("can't read {shown}")),
        };
        let json: Value = serde_json::from_slice(&text).with_context(|| format!("{shown} is not JSON"))?;
        if json["version"] != VERSION {
            bail!(
                "{shown} has version {}, and this release reads version {VERSION}: update aghanim-hooks, or delete the file \
                 and pull it anew",
                json["version"]
            );
        }
        let registration = serde_json::from_value(json);
        Ok(Some(registration.with_context(|| format!("{shown} is not a registration"))?))
    }

    /// The text of the file.
    ///
    /// # Errors
    /// Never, in practice: all of it came from JSON.
    pub fn text(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Replaces the file.
    ///
    /// # Errors
    /// Fails if it can't be written. It is then as it was.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        replace(path, self.text()?.as_bytes(), Readers::Usual)
    }
}
