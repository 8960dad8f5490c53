//! A misspelt key.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(statsu = 400, code = "closed")]
    Closed,
}

fn main() {}
