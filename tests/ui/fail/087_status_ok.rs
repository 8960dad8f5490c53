//! The status of a success.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 200, code = "closed")]
    Closed,
}

fn main() {}
