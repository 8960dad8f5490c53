//! A function that does not exist.

use aghanim_hooks::{Handlers, webhooks};

mod items {}

fn handlers() -> Handlers<()> {
    webhooks![items::grant]
}

fn main() {}
