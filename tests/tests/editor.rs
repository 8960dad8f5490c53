//! Types resolve in the body of a handler whose attribute or signature is wrong, so that completion, hints and go-to work
//! while it is being written.
//!
//! The test asks rust-analyzer: `RUST_ANALYZER` names its binary, or it is on the path. Without one, the test says so
//! and is skipped, also in CI, which has no way to get one.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A sample that refers only to itself, so that the standard library's sources are not needed.
const SAMPLE: &str = r#"
pub struct Payload {
    pub amount: u32,
    pub player: Player,
}
pub struct Player {
    pub level: u8,
}
pub fn score(level: u8) -> u16 {
    level as u16
}

#[aghanim_hooks::webhook("item.add")]
async fn right(event: Payload) {
    let player = event.player;
    let score = score(player.level);
}

#[aghanim_hooks::webhook("Item.Add", onyl = 7)]
async fn wrong_attribute(event: Payload) {
    let player = event.player;
    let score = score(player.level);
}

#[aghanim_hooks::webhook("item.add")]
unsafe fn wrong_signature<T>(event: Payload) {
    let player = event.player;
    let score = score(player.level);
}

#[aghanim_hooks::webhook("item.add")]
async fn wrong_parameters(first: Payload, event: u8, last: &Payload) -> impl Copy {
    let player = first.player;
    let score = score(player.level);
}

#[aghanim_hooks::webhook("item.add")]
async fn wrong_body(event: Payload) {
    let player = there_is_no_such_function(event);
    let score = player.level;
}
"#;

#[test]
fn types_resolve_in_unfinished_handlers() {
    let analyzer = match rust_analyzer() {
        Ok(analyzer) => analyzer,
        // Not `eprintln!`, which the test runner swallows.
        Err(why) => return drop(writeln!(io::stderr(), "SKIPPED the test of editors: {why}")),
    };
    let sample = sample();
    for handler in ["right", "wrong_attribute", "wrong_signature", "wrong_parameters"] {
        let (expressions, unknown) = resolved(&analyzer, &sample, handler);
        assert!(expressions >= 5, "{handler}: only {expressions} expressions were looked at");
        assert_eq!(unknown, 0, "{handler}: {unknown} of {expressions} types are not known");
    }
    let (_, unknown) = resolved(&analyzer, &sample, "wrong_body");
    assert!(unknown > 0, "a function that there is not has a type: this test sees nothing");
}

fn rust_analyzer() -> Result<PathBuf, String> {
    let binary = std::env::var_os("RUST_ANALYZER").map_or_else(|| "rust-analyzer".into(), PathBuf::from);
    // The toolchain manager leaves a stand-in of that name where the component is not installed.
    let works = Command::new(&binary).arg("--version").output();
    match works {
        Ok(output) if output.status.success() => Ok(binary),
        Ok(_) => Err(format!("`{}` is not installed for this toolchain", binary.display())),
        Err(error) => Err(format!("`{}` does not start: {error}", binary.display())),
    }
}

fn sample() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sample = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
    let manifest = format!(
        "[package]\nname = \"sample\"\nedition = \"2024\"\n\n[dependencies]\naghanim-hooks.path = '{}'\n\n[workspace]\n",
        root.join("aghanim-hooks").display()
    );
    fs::create_dir_all(sample.join("src")).unwrap();
    fs::write(sample.join("Cargo.toml"), manifest).unwrap();
    fs::write(sample.join("src/lib.rs"), SAMPLE).unwrap();
    fs::copy(root.join("Cargo.lock"), sample.join("Cargo.lock")).unwrap();
    sample
}

/// How many expressions the body of a function has, and how many of them have no known type.
fn resolved(analyzer: &Path, sample: &Path, function: &str) -> (u32, u32) {
    let skip =
        ["lang-items", "lowering", "mir-stats", "const-eval", "data-layout"].map(|what| format!("--skip-{what}"));
    let output = Command::new(analyzer)
        .args(["analysis-stats", ".", "--quiet", "--only", function])
        .args(skip)
        .current_dir(sample)
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    // The statistics are on the one or the other, from version to version.
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let count = |label: &str| {
        let line = said.lines().find(|line| line.trim_start().starts_with("exprs:"))?;
        let (_, rest) = line.split_once(label)?;
        rest.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    match (count("exprs:"), count("??ty:")) {
        (Some(expressions), Some(unknown)) => (expressions, unknown),
        _ => panic!("{function}: unexpected words\n{said}"),
    }
}
