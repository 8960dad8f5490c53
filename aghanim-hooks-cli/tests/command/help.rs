use std::path::Path;

use snapbox::Data;

use super::{command, stdout};

const COMMANDS: [&str; 13] = [
    "events",
    "sign",
    "verify",
    "trigger",
    "check",
    "replay",
    "export",
    "listen",
    "webhooks",
    "spec",
    "dead",
    "completions",
    "man",
];

/// The commands below `webhooks`.
const WEBHOOKS: [&str; 8] = ["list", "show", "pull", "diff", "create", "update", "rotate", "delete"];

fn snapshot(name: &str) -> Data {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/command/snapshots/{name}.txt"));
    Data::read_from(&path, None)
}

/// `SNAPSHOTS=overwrite cargo test -p aghanim-hooks-cli` renews the files.
#[test]
fn every_help_text_is_a_snapshot() {
    command(&["--help"]).assert().success().stdout_eq(snapshot("help"));
    for name in COMMANDS {
        // Without the feature `river`, it only says how to get it.
        let name_of_file = if name == "dead" && !cfg!(feature = "river") { "dead-not-built" } else { name };
        command(&[name, "--help"]).assert().success().stdout_eq(snapshot(name_of_file));
    }
    for name in WEBHOOKS {
        let help = command(&["webhooks", name, "--help"]).assert().success();
        help.stdout_eq(snapshot(&format!("webhooks-{name}")));
    }
}

/// The commands that a help text lists.
fn listed(arguments: &[&str]) -> Vec<String> {
    let help = stdout(&command(arguments).assert());
    let names = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn no_command_is_without_a_snapshot() {
    assert_eq!(listed(&["--help"]), COMMANDS);
    assert_eq!(listed(&["webhooks", "--help"]), WEBHOOKS);
}

#[test]
fn every_help_text_has_an_example() {
    for name in COMMANDS {
        let help = stdout(&command(&[name, "--help"]).assert());
        assert!(help.contains(&format!("Examples:\n  aghanim-hooks {name}")), "{help}");
    }
    for name in WEBHOOKS {
        let help = stdout(&command(&["webhooks", name, "--help"]).assert());
        assert!(help.contains(&format!("Examples:\n  aghanim-hooks webhooks {name}")), "{help}");
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&command(&["completions", shell]).assert().success());
        assert!(COMMANDS.iter().all(|name| script.contains(name)), "{shell}");
    }
    let page = stdout(&command(&["man"]).assert().success());
    assert!(page.contains(".TH aghanim-hooks") && COMMANDS.iter().all(|name| page.contains(name)), "{page}");
    assert!(stdout(&command(&["man", "check"]).assert().success()).contains("junit"));
    command(&["man", "nothing"]).assert().code(2);
}

#[cfg(not(feature = "river"))]
#[test]
fn a_command_that_is_not_built_says_how_to_build_it() {
    let output = command(&["dead", "--database", "sqlite:game.db", "list"]).assert().code(2);
    let text = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(text.contains("cargo install aghanim-hooks-cli --features river"), "{text}");
}

#[test]
fn the_catalogue_is_listed_for_people_and_for_programs() {
    let people = stdout(&command(&["events"]).assert().success());
    assert!(people.contains("item.add\n  fields   item_id?, items, player_id, reason?, sku?\n"), "{people}");
    let programs = stdout(&command(&["events", "--json"]).assert().success());
    let events: Vec<serde_json::Value> = programs.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), aghanim_hooks::events::catalogue::CATALOGUE.len());
    assert!(events.iter().any(|event| event["name"] == "store.get" && event["answer"] == "StoreItems"));
    let one = stdout(&command(&["events", "player.verify", "--json"]).assert().success());
    assert_eq!(serde_json::from_str::<serde_json::Value>(&one).unwrap()["sample"]["event_type"], "player.verify");
    command(&["events", "player.verfy"]).assert().code(2);
}
