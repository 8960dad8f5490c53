//! The command `aghanim-hooks`.

use std::process::ExitCode;

use aghanim_hooks_cli::commands::Cli;
use aghanim_hooks_cli::exit::Exit;
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            return Exit::Usage.into();
        }
    };
    match runtime.block_on(cli.run()) {
        Ok(exit) => exit.into(),
        // The reader of the output has closed it, as `head` does.
        Err(error) if is_closed_pipe(&error) => Exit::Ok.into(),
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            Exit::of(&error).into()
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
