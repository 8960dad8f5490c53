//! Two keys of one `#[reject(…)]`.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(statsu = 400, code = 7)]
    Closed,
}

fn main() {}
