//! A process of the game that the tests of exactly-once kill, stop and starve; its set-up is its one argument, in JSON.

use aghanim_hooks_tests::exactly_once::{Setup, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    tracing_subscriber::fmt().with_env_filter("warn").with_ansi(false).with_writer(std::io::stderr).init();
    let setup = std::env::args().nth(1).ok_or("the set-up is missing: `game {\"database\":…}`")?;
    serve(serde_json::from_str::<Setup>(&setup)?).await
}
