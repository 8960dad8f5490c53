//! `#[reject(…)]` twice.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 400)]
    #[reject(code = "closed")]
    Closed,
}

fn main() {}
