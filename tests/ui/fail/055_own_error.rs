//! An error of one's own that is no rejection.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{IntoRejection, webhook};

struct GrantError;

#[derive(IntoRejection)]
#[reject(status = 404)]
struct OtherError;

#[webhook("item.add")]
async fn grant(_event: ItemAdd) -> Result<(), GrantError> {
    Err(GrantError)
}

fn main() {
    drop(OtherError);
}
