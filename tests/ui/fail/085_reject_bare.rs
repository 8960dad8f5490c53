//! `#[reject]` without a word.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject]
    Closed,
}

fn main() {}
