//! A value held over an `.await` that can't move between threads.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant(event: ItemAdd) {
    let items = std::rc::Rc::new(event.items);
    std::future::ready(()).await;
    drop(items);
}

fn main() {}
