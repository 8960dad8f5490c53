//! `transparent` around what is no rejection.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(transparent)]
    Io(std::io::Error),
}

fn main() {}
