//! Runs every command in the `console` blocks of `docs/guide` beside a receiver, and compares the chapters with the summary.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::Server;
use aghanim_hooks_tests::receiver::receiver;
use tempfile::TempDir;

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/guide/src")
}

/// The chapters in the order of the summary.
fn chapters() -> Vec<String> {
    let summary = fs::read_to_string(guide().join("SUMMARY.md")).unwrap();
    summary.lines().filter_map(|line| Some(line.split_once("](")?.1.trim_end_matches(')').to_owned())).collect()
}

/// The commands of a chapter, without their prompt.
fn commands(chapter: &str) -> Vec<String> {
    let text = fs::read_to_string(guide().join(chapter)).unwrap();
    let blocks = text.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    blocks.flat_map(str::lines).map(|line| line.strip_prefix("$ ").expect("a command").to_owned()).collect()
}

#[test]
fn each_chapter_is_in_the_summary() {
    let files = fs::read_dir(guide()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = files.filter(|file| file != "SUMMARY.md").collect();
    let mut listed = chapters();
    assert_eq!(listed.len(), 8);
    files.sort_unstable();
    listed.sort_unstable();
    assert_eq!(files, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_works() {
    let server = Server::start(receiver(Secret::new(SECRET).unwrap(), None)).await.unwrap();
    let address = server.address().to_string();
    let directory = TempDir::new().unwrap();
    let binary = snapbox::cmd::cargo_bin!("aghanim-hooks").parent().unwrap().to_owned();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut count = 0;
    for chapter in chapters() {
        for command in commands(&chapter) {
            let output = Command::new("sh")
                .args(["-c", &command.replace("127.0.0.1:8000", &address)])
                .current_dir(&directory)
                .env("PATH", &path)
                .env("AGHANIM_WEBHOOK_SECRET", SECRET)
                .output()
                .unwrap();
            let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{chapter}: {command}: {}\n{out}\n{err}", output.status);
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} commands were found");
}
