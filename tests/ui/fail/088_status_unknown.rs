//! A status that there is not.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 999, code = "closed")]
    Closed,
}

fn main() {}
