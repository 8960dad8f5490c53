//! `internal` with two fields.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(internal)]
    Io(std::io::Error, u8),
}

fn main() {}
