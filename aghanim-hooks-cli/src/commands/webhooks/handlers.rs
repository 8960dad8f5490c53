//! Reads the patterns of an endpoint's handlers from `--handlers`.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Reads `--handlers`: names with commas between, or a file of them. `-` is standard input.
///
/// # Errors
/// Fails if the file can't be read, or has another form.
pub(super) fn read(argument: &str) -> anyhow::Result<Vec<String>> {
    let path = Path::new(argument);
    let looks_like_one = argument.contains(['/', '\\']) || path.extension().is_some_and(|ending| ending == "json");
    if argument != "-" && !looks_like_one && !path.is_file() {
        return names(argument);
    }
    let mut text = String::new();
    if argument == "-" {
        std::io::stdin().read_to_string(&mut text).context("can't read standard input")?;
    } else {
        text = std::fs::read_to_string(argument).with_context(|| format!("can't read {argument}"))?;
    }
    names(&text).with_context(|| argument.to_owned())
}

/// A JSON list of names, an `OpenAPI` document with `webhooks`, or names with commas, spaces or lines between.
fn names(text: &str) -> anyhow::Result<Vec<String>> {
    let names: Vec<String> = match serde_json::from_str(text) {
        Ok(Value::Array(names)) => {
            let names = names.iter().map(|name| name.as_str().map(str::to_owned));
            names.collect::<Option<_>>().context("this list of handlers has something that is not a name")?
        }
        Ok(Value::Object(document)) => {
            let webhooks = document.get("webhooks").and_then(Value::as_object);
            let webhooks =
                webhooks.context("this JSON is neither a list of names nor an OpenAPI document with `webhooks`")?;
            webhooks.keys().cloned().collect()
        }
        _ => {
            let names = text.split(|character: char| character == ',' || character.is_whitespace());
            names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
    };
    let is_name = |name: &String| {
        name == "*" || name.chars().all(|c| c.is_ascii_alphanumeric() || "._-*".contains(c)) && name.contains('.')
    };
    if let Some(name) = names.iter().find(|name| !is_name(name)) {
        bail!("`{name}` is not the name of an event: write --handlers player.verify,item.add, or name a file of them");
    }
    if names.is_empty() {
        bail!("--handlers names no event: write --handlers player.verify,item.add");
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn each_form_is_read() {
        for text in [
            "item.add,order.*",
            "item.add\norder.*\n",
            "[\"item.add\", \"order.*\"]",
            "{\"openapi\": \"3.1.0\", \"webhooks\": {\"item.add\": {}, \"order.*\": {}}}",
        ] {
            assert_eq!(names(text).unwrap(), ["item.add", "order.*"], "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "verify", "[1]", "{\"paths\": {}}", "item add"] {
            assert!(names(text).is_err(), "{text}");
        }
    }
}
