//! Two variants.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 200)]
    Closed,
    Open,
}

fn main() {}
