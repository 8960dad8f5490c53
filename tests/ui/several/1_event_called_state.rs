//! A second event, under the one name that is taken for what it says.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{Event, Handlers, webhook, webhooks};

type State<T> = Event<T>;

#[webhook("item.add")]
async fn grant(_first: State<ItemAdd>, _event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant]
}

fn main() {}
