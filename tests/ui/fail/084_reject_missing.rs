//! A variant without `#[reject(…)]`.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 400, code = "declined")]
    NoSuchItem,
    Closed,
}

fn main() {}
