//! A cause that is no error.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(internal)]
    Io(u8),
}

fn main() {}
