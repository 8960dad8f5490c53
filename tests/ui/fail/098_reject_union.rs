//! A union.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
union GrantError {
    code: u32,
}

fn main() {}
