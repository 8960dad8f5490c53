//! Documents of the events, and what changed between two.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{command, stdout};

fn document(arguments: &[&str]) -> Value {
    let output = command(&[&["spec"], arguments].concat()).assert().success();
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn write(folder: &TempDir, name: &str, document: &Value) -> String {
    let file = folder.path().join(name);
    fs::write(&file, document.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn the_catalogue_is_written_in_both_formats() {
    let openapi = document(&[]);
    assert_eq!(openapi["webhooks"].as_object().unwrap().len(), aghanim_hooks::events::catalogue::CATALOGUE.len());
    let asyncapi = document(&["--format", "asyncapi", "--events", "item.add", "player.*"]);
    let operations: Vec<&String> = asyncapi["operations"].as_object().unwrap().keys().collect();
    assert_eq!(operations.len(), 6, "{operations:?}");
    assert!(operations.iter().all(|name| name.starts_with("player.") || *name == "item.add"), "{operations:?}");
    command(&["spec", "--events", "item.ad"])
        .assert()
        .code(2)
        .stderr_eq("error: there is no event `item.ad`: see `aghanim-hooks events`\n");
}

#[test]
fn a_document_that_is_up_to_date_has_no_changes() {
    let folder = TempDir::new().unwrap();
    for format in ["openapi", "asyncapi"] {
        let file = write(&folder, format, &document(&["--format", format]));
        command(&["spec", "--check", &file]).assert().success().stdout_eq("no changes\n");
        let part = write(&folder, "part", &document(&["--format", format, "--events", "item.*"]));
        command(&["spec", "--check", &part, "--events", "item.*"]).assert().success().stdout_eq("no changes\n");
    }
}

#[test]
fn a_breaking_change_is_named_and_a_compatible_one_is_told_apart() {
    let folder = TempDir::new().unwrap();
    let old = document(&["--events", "item.*"]);
    let mut compatible = old.clone();
    compatible["components"]["schemas"]["Item"]["properties"]["tax"] = json!({ "type": "integer" });
    let mut breaking = compatible.clone();
    breaking["components"]["schemas"]["Item"]["properties"]["sku"] = json!({ "type": "integer" });
    breaking["webhooks"].as_object_mut().unwrap().remove("item.remove").unwrap();
    let old = write(&folder, "old.json", &old);
    let check = |new: &Value| command(&["spec", "--check", &old, "--against", &write(&folder, "new.json", new)]);
    check(&compatible)
        .assert()
        .success()
        .stdout_eq("compatible item.add, item.remove: event.event_data.items[].tax: the optional field is new\n");
    check(&breaking).assert().code(1).stdout_eq(
        "breaking   item.add: event.event_data.items[].sku: the type changed from string to integer\n\
         breaking   item.remove: the event is gone\n\
         compatible item.add: event.event_data.items[].tax: the optional field is new\n",
    );
    let lines = stdout(&check(&breaking).arg("--json").assert().code(1));
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(
        first,
        json!({
            "breaking": true,
            "events": ["item.add"],
            "place": "event.event_data.items[].sku",
            "what": "the type changed from string to integer",
        })
    );
}

#[test]
fn a_file_that_is_no_document_is_an_error() {
    let folder = TempDir::new().unwrap();
    let file = write(&folder, "other.json", &json!({ "swagger": "2.0" }));
    let output = command(&["spec", "--check", &file]).assert().code(2);
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("other.json: neither OpenAPI 3.1 nor AsyncAPI 3"), "{said}");
    let missing = folder.path().join("missing.json");
    assert!(!Path::new(&missing).exists());
    command(&["spec", "--check", missing.to_str().unwrap()]).assert().code(2);
}
