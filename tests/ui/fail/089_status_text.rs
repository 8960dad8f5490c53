//! A status as a text.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = "404", code = "closed")]
    Closed,
}

fn main() {}
