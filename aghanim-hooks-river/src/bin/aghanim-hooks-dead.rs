//! Looks after the dead letters of `later` handlers: `aghanim-hooks-dead --database sqlite:game.db list`.

use std::process::ExitCode;

use aghanim_hooks_river::command::Dead;
use clap::Parser;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(flatten)]
    dead: Dead,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Arguments::parse().dead.run(&mut std::io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
