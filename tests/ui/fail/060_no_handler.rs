//! A type that is no handler.

use aghanim_hooks::{Handlers, webhooks};

struct Grant;

fn handlers() -> Handlers<()> {
    webhooks![Grant]
}

fn main() {}
