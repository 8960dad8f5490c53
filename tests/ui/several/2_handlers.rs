//! Two handlers, and a list that names them.

use aghanim_hooks::events::{ItemAdd, ItemRemove, PlayerVerify};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
fn grant(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(_event: ItemRemove) {}

#[webhook("player.verify")]
async fn verify(_event: PlayerVerify) {}

fn handlers() -> Handlers<()> {
    webhooks![grant, take, verify]
}

fn main() {}
