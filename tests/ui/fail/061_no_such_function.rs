//! A function that there is not.

use aghanim_hooks::{Handlers, webhooks};

mod items {}

fn handlers() -> Handlers<()> {
    webhooks![items::grant]
}

fn main() {}
