//! The compile time of annotated handlers, compared with the same functions as plain axum handlers.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --bin compile-time
//! cargo run --release -p aghanim-hooks-benches --bin compile-time -- --rounds 3 --no-clean-build
//! cargo run --release -p aghanim-hooks-benches --bin compile-time -- --generate DIRECTORY
//! ```
//!
//! It writes crates with 10, 50 and 200 handlers, each with a payload of its own, to a temporary directory; changes one
//! of their files and times `cargo check`, in interleaved rounds; then times a build of each from nothing. With
//! `--generate` it only writes the crates, for a closer look at one of them. CPU times need Linux.

mod generate;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use aghanim_hooks_benches::{median, process};
use generate::{COUNTS, Flavour, crate_name};

fn main() {
    let mut rounds = 5;
    let mut clean_build = true;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().and_then(|n| n.parse().ok()).expect("--rounds needs a number"),
            "--no-clean-build" => clean_build = false,
            "--generate" => {
                let root = arguments.next().expect("--generate needs a directory");
                return generate::workspace(Path::new(&root));
            }
            other => panic!("{other} is no option: --rounds, --no-clean-build, --generate"),
        }
    }
    let directory = tempfile::tempdir().expect("a directory for temporary files");
    let root = directory.path();
    generate::workspace(root);

    println!("`cargo check` after one file changed, {rounds} rounds\n");
    println!("| handlers | plain axum, s | annotated, s | × |\n|---|---|---|---|");
    for count in COUNTS {
        for flavour in [Flavour::Axum, Flavour::Annotated] {
            check(root, flavour, count);
        }
        let mut times = Vec::new();
        for round in 0..rounds {
            let [axum, ours] = [Flavour::Axum, Flavour::Annotated].map(|flavour| {
                generate::change(root, flavour, count, round);
                check(root, flavour, count).as_secs_f64()
            });
            times.push((axum, ours, ours / axum));
        }
        let of = |pick: fn(&(f64, f64, f64)) -> f64| median(times.iter().map(pick));
        println!("| {count} | {:.2} | {:.2} | {:.2} |", of(|t| t.0), of(|t| t.1), of(|t| t.2));
    }
    if clean_build {
        println!("\n`cargo build` from nothing, dependencies included, 50 handlers\n");
        println!("| | plain axum | annotated | × |\n|---|---|---|---|");
        let [axum, ours] = [Flavour::Axum, Flavour::Annotated].map(|flavour| build_from_nothing(root, flavour));
        for (i, what) in ["s", "s of CPU"].into_iter().enumerate() {
            println!("| {what} | {:.1} | {:.1} | {:.2} |", axum[i], ours[i], ours[i] / axum[i]);
        }
    }
}

/// Seconds, by the clock and of CPU, which others on the machine disturb less.
fn build_from_nothing(root: &Path, flavour: Flavour) -> [f64; 2] {
    let name = crate_name(flavour, 50);
    let target = root.join(format!("clean-{name}"));
    let cpu = || process::cpu_of_children(std::process::id()).as_secs_f64();
    let before = cpu();
    let took = cargo(root, &target, &["build", "-p", &name]).as_secs_f64();
    let cpu = cpu() - before;
    std::fs::remove_dir_all(target).expect("what was built can be removed");
    [took, cpu]
}

fn check(root: &Path, flavour: Flavour, count: usize) -> Duration {
    cargo(root, &root.join("target"), &["check", "-p", &crate_name(flavour, count)])
}

fn cargo(root: &Path, target: &Path, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--quiet")
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "1")
        .status();
    assert!(status.is_ok_and(|status| status.success()), "what was generated does not build; cargo's words are above");
    start.elapsed()
}
