//! A status that does not exist.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 999, code = "closed")]
    Closed,
}

fn main() {}
