//! `#[from]` beside another field.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 404, message = "{0}: {1}")]
    NoSuchItem(#[from] std::num::ParseIntError, u32),
}

fn main() {}
