//! An answer for the whole enum.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
#[reject(status = 400)]
enum GrantError {
    #[reject(code = "closed")]
    Closed,
}

fn main() {}
