//! `message = display` on an error without `Display`.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
#[reject(message = display)]
enum GrantError {
    #[reject(status = 404)]
    NoSuchItem,
}

fn main() {
    let _ = GrantError::NoSuchItem;
}
