//! The command as a process: what it prints, and its exit codes.

mod checking;
mod help;
mod python;
mod sending;
mod signatures;
mod spec;

use std::net::SocketAddr;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::Server;
use aghanim_hooks_tests::receiver::{Flaw, receiver};
use snapbox::cmd::{Command, OutputAssert};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The command, with the secret in its usual variable and no colours.
fn command(arguments: &[&str]) -> Command {
    Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"))
        .env("AGHANIM_WEBHOOK_SECRET", SECRET)
        .env("NO_COLOR", "1")
        .args(arguments)
}

/// Runs a command beside the receiver, which is served by this process.
async fn run(command: Command) -> OutputAssert {
    tokio::task::spawn_blocking(|| command.assert()).await.unwrap()
}

fn stdout(output: &OutputAssert) -> String {
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// A receiver on a free port, and its URL.
async fn receiver_with(flaw: Option<Flaw>) -> (Server, String) {
    let server = Server::start(receiver(Secret::new(SECRET).unwrap(), flaw)).await.unwrap();
    let url = url(server.address());
    (server, url)
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/webhook")
}
