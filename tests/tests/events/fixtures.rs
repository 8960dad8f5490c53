//! The files of `tests/fixtures`: whole requests as Aghanim would send them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

/// What each event is sent as.
pub(crate) const KINDS: [&str; 5] = ["full", "minimal", "nulls", "extra", "unknown"];

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(file)
}

fn read(file: &str) -> String {
    let path = path(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn text(event: &str, kind: &str) -> String {
    read(&format!("events/{event}/{kind}.json"))
}

pub(crate) fn envelope(event: &str, kind: &str) -> Value {
    serde_json::from_str(&text(event, kind)).unwrap_or_else(|error| panic!("{event}/{kind}.json: {error}"))
}

/// The names of the folders.
pub(crate) fn events() -> Vec<String> {
    let folders = std::fs::read_dir(path("events")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// For each event, the fields that are always there: `items[].sku` is one of every element of a list. What is required
/// of an object counts only where the object is.
pub(crate) fn required() -> BTreeMap<String, Vec<String>> {
    serde_json::from_str(&read("required.json")).unwrap()
}
