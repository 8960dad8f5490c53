//! The checked-in registration of webhooks: which events Aghanim is told to send.
//!
//! The format is documented at `webhooks!`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// The version of the format that is read.
const VERSION: u64 = 1;

/// The events of all webhooks in the file, in order, each once.
pub(super) struct Registration {
    pub(super) path: PathBuf,
    pub(super) events: Vec<String>,
}

/// Reads `file`, relative to the package that is being compiled. The error is a message for the user.
pub(super) fn read(file: &str) -> Result<Registration, String> {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let path = package.join(file);
    let text = fs::read_to_string(&path).map_err(|error| {
        format!(
            "`{file}` can't be read: {error}: create it, or correct the path, which begins in the package {}",
            display(&package)
        )
    })?;
    Ok(Registration { events: events(file, &text)?, path })
}

fn display(folder: &Path) -> String {
    // The last component says enough, and is the same on every machine.
    folder.file_name().map_or_else(|| "`.`".to_owned(), |name| format!("`{}`", name.to_string_lossy()))
}

fn events(file: &str, text: &str) -> Result<Vec<String>, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("`{file}` is not JSON: {error}"))?;
    match json.get("version").map(Value::as_u64) {
        Some(Some(VERSION)) => {}
        None => return Err(format!("`{file}` has no version: add `\"version\": {VERSION}`")),
        Some(_) => {
            return Err(format!(
                "`{file}` has version {}, and this release reads version {VERSION}: update `aghanim-hooks`, or write the file anew",
                json["version"]
            ));
        }
    }
    let webhooks = json.get("webhooks").and_then(Value::as_array).ok_or_else(|| {
        format!("`{file}` has no list `webhooks`: write `\"webhooks\": [{{\"events\": [\"item.add\"]}}]`")
    })?;
    let mut all = Vec::new();
    for (i, webhook) in webhooks.iter().enumerate() {
        let names = webhook.get("events").and_then(Value::as_array);
        let names = names.and_then(|names| names.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        let names = names.ok_or_else(|| {
            format!("`webhooks[{i}].events` in `{file}` is not a list of names: write `\"events\": [\"item.add\"]`")
        })?;
        for name in names {
            if !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::events;

    #[test]
    fn the_events_of_all_webhooks() {
        let text = r#"{
            "version": 1,
            "fetched_at": 1764000000,
            "webhooks": [
                {"id": "wh_1", "url": "https://game.example/webhook", "events": ["item.add", "order.*"], "enabled": true},
                {"events": ["item.add", "player.verify"]}
            ]
        }"#;
        assert_eq!(events("a.json", text).unwrap(), ["item.add", "order.*", "player.verify"]);
        assert_eq!(events("a.json", r#"{"version": 1, "webhooks": []}"#).unwrap(), [""; 0]);
    }

    #[test]
    fn mistakes() {
        for (text, part) in [
            ("", "`a.json` is not JSON: EOF while parsing"),
            ("{\"version\": 1,}", "trailing comma at line 1 column 15"),
            ("[]", "has no version: add `\"version\": 1`"),
            ("{\"webhooks\": []}", "has no version: add `\"version\": 1`"),
            ("{\"version\": 2}", "has version 2, and this release reads version 1"),
            ("{\"version\": \"1\"}", "has version \"1\", and"),
            ("{\"version\": 1}", "has no list `webhooks`"),
            ("{\"version\": 1, \"webhooks\": {}}", "has no list `webhooks`"),
            ("{\"version\": 1, \"webhooks\": [{\"id\": \"wh_1\"}]}", "`webhooks[0].events` in `a.json`"),
            (
                "{\"version\": 1, \"webhooks\": [{\"events\": []}, {\"events\": [1]}]}",
                "`webhooks[1].events` in `a.json`",
            ),
        ] {
            let message = events("a.json", text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
