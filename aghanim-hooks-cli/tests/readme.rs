//! README's "From nothing to a tested handler in five minutes", each command and each file of it, from a bare directory.
#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const HEADING: &str = "## From nothing to a tested handler in five minutes";

/// Turns the section into a shell script: commands as they are, files as here-documents.
fn script(readme: &str, port: u16) -> String {
    let section = readme.split(HEADING).nth(1).expect("README has the section").split("\n## ").next().unwrap();
    let section = section.replace("8000", &port.to_string());
    let mut script = String::from("set -eum\n");
    let mut file = None;
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        match line {
            "```console" => {
                for command in lines.by_ref().take_while(|line| *line != "```") {
                    let command = command.strip_prefix("$ ").expect("a command");
                    writeln!(script, "echo; echo '$ {command}'\n{command}").unwrap();
                    if command.ends_with('&') {
                        let listens = format!("(echo > /dev/tcp/127.0.0.1/{port}) 2> /dev/null");
                        writeln!(script, "for i in $(seq 600); do {listens} && break; sleep 0.2; done").unwrap();
                    }
                }
            }
            "```rust,no_run" | "```rust,ignore" => {
                let path: &str = file.take().expect("the text before names the file");
                let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
                writeln!(script, "mkdir -p $(dirname {path})\ncat > {path} <<'END_OF_FILE'").unwrap();
                writeln!(script, "{}\nEND_OF_FILE", text.join("\n")).unwrap();
            }
            // "Write `src/lib.rs`:" or "…in `src/lib.rs`:"
            text if text.ends_with("`:") => file = text.trim_end_matches("`:").rsplit('`').next(),
            _ => {}
        }
    }
    script
}

/// Compiles a project of its own, which takes minutes: set `AGHANIM_README`, or `CI`.
#[test]
fn every_command_of_the_five_minutes_works() {
    if std::env::var_os("AGHANIM_README").is_none() && std::env::var_os("CI").is_none() {
        aghanim_hooks_tests::skip("README's five minutes", "it takes minutes, and AGHANIM_README is not set");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let directory = TempDir::new().unwrap();
    std::os::unix::fs::symlink(root, directory.path().join("aghanim-hooks")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let installed = directory.path().join("installed");
    let path = std::env::var("PATH").unwrap();
    // Uses what the workspace has already compiled.
    let target = snapbox::cmd::cargo_bin!("aghanim-hooks").ancestors().nth(2).unwrap();
    let output = Command::new("bash")
        .args(["-c", &script(&readme, port)])
        .current_dir(directory.path())
        .env("PATH", format!("{}:{path}", installed.join("bin").display()))
        .env("CARGO_INSTALL_ROOT", &installed)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("AGHANIM_WEBHOOK_SECRET")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    for part in ["test result: ok. 3 passed", "player.verify: accepted", "item.add: accepted", "0 failed"] {
        assert!(out.contains(part), "`{part}` is missing\n{out}\n{err}");
    }
}
