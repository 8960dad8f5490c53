//! Two handlers of one event, in two modules.

use aghanim_hooks::{Handlers, webhooks};

mod game {
    use aghanim_hooks::events::ItemAdd;

    #[aghanim_hooks::webhook("item.add")]
    pub(crate) async fn grant(_event: ItemAdd) {}
}

mod season {
    use aghanim_hooks::{Event, RawEvent};

    #[aghanim_hooks::webhook("season.ended", "item.add")]
    pub(crate) async fn grant(_event: Event<RawEvent>) {}
}

fn handlers() -> Handlers<()> {
    webhooks![game::grant, season::grant]
}

fn main() {}
