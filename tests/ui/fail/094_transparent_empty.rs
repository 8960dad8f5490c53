//! `transparent` without a field.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(transparent)]
    Closed,
}

fn main() {}
