//! `internal` and `transparent`.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(internal, transparent)]
    Io(std::io::Error),
}

fn main() {}
