//! Handlers and derives where names mean something else, lints are errors, or the code is itself generated.
//!
//! Most of this is shown by compiling. The tests assert that what was compiled is what was meant.

#![deny(missing_docs, unreachable_pub, unused, unused_qualifications, warnings, clippy::pedantic)]

mod lints;
mod many;
mod names;
mod places;
mod shadowed;

use aghanim_hooks::Handlers;

fn events<S>(handlers: &Handlers<S>) -> Vec<&'static str> {
    handlers.events().collect()
}
