//! A message with a field that does not exist.

use aghanim_hooks::IntoRejection;

#[derive(IntoRejection)]
enum GrantError {
    #[reject(status = 404, message = "no such item: {sku}")]
    NoSuchItem { id: String },
}

fn main() {}
