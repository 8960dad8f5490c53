//! `aghanim-hooks webhooks` as a process, against a server with the documented calls; and `https://`.

mod api;
mod changes;
mod faults;
mod https;
mod registration;
mod rotation;

use std::path::Path;

use api::{Api, KEY};
use snapbox::cmd::{Command, OutputAssert};

/// `aghanim-hooks webhooks` against this API, with its key.
fn webhooks(api: &Api, arguments: &[&str]) -> Command {
    Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"))
        .env("AGHANIM_API_KEY", KEY)
        .env("NO_COLOR", "1")
        .arg("webhooks")
        .args(arguments)
        .args(["--api", &api.url()])
}

/// Runs a command beside the API, which is served by this process.
async fn run(command: Command) -> OutputAssert {
    tokio::task::spawn_blocking(|| command.assert()).await.unwrap()
}

fn stdout(output: &OutputAssert) -> String {
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

fn stderr(output: &OutputAssert) -> String {
    String::from_utf8(output.get_output().stderr.clone()).unwrap()
}

/// A path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
