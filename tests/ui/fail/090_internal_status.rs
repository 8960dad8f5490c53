//! `internal` with a status.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(internal, status = 500)]
    Io(std::io::Error),
}

fn main() {}
