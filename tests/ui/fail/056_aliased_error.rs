//! The same behind an alias.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

type Granted = std::io::Result<()>;

#[webhook("item.add")]
async fn grant(_event: ItemAdd) -> Granted {
    Ok(())
}

fn main() {}
