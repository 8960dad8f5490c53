//! There are two environments.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", only = "production")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.add", only = live)]
async fn grant_unquoted(_event: ItemAdd) {}

#[webhook("item.add", only = "live", otherwise = "ignore")]
async fn grant_or_ignore(_event: ItemAdd) {}

#[webhook("item.add", only = "live", only = "sandbox")]
async fn grant_both(_event: ItemAdd) {}

fn main() {}
