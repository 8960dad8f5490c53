//! The state of an endpoint that an operator can change while it runs: secrets, pauses, drain, limits.

mod gates;
mod readiness;
mod ring;

pub(crate) use gates::{Closed, ConcurrencyLimit, Gates, Places};
pub use readiness::{Readiness, StoreHealth};
pub(crate) use ring::Ring;
pub use ring::SecretStatus;
