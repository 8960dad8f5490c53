//! The facts about a function with `#[webhook("…")]` that a list of handlers needs: its entry, its parameters, and the
//! checks that the compiler makes.

mod entry;
mod event_name;
mod extract;
mod parameter;
mod subscribed;

pub use entry::{Duplicate, Entry, assert_unique, duplicates};
pub use event_name::check_payload;
pub(crate) use extract::ProvidesAll;
pub use extract::{AnyState, Provides, Taken};
pub use parameter::{Is, Parameter, Unknown, check_parameter, mistaken, only_transaction};
pub use subscribed::{RegistrationCheck, assert_exactly_subscribed, assert_subscribed, is_unsubscribed};

/// A function with `#[webhook("…")]`: the facts that a list needs, whatever the state is.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is not a webhook handler",
    label = "no `#[webhook(\"…\")]` on this",
    note = "write `#[webhook(\"item.add\")]` above the function, with the name of its event"
)]
pub trait Listed {
    /// A list of [`Checked`]. Its constants are evaluated with the function, even if no list names the function.
    type Checks;

    const ENTRY: Entry;
}

/// A check that the compiler evaluates.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub enum Checked<const SOUND: bool> {}

/// Replaces the missing type of a function without `#[webhook("…")]` in a list.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub enum NoAttribute {}
