//! An empty list.

use aghanim_hooks::{Handlers, webhooks};

fn handlers() -> Handlers<()> {
    webhooks![]
}

fn main() {}
