//! What the parameters of a handler are, known to the compiler by their types, whatever names these were written under.

use std::marker::PhantomData;

use axum::extract::{FromRequest, FromRequestParts};

use crate::event::EventArgument;

/// A parameter's type, asked what it is: an inherent constant goes before that of a trait.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never made")]
pub struct Parameter<T>(PhantomData<T>);

/// The answers of every type that has no answer of its own.
#[doc(hidden)]
pub trait Unknown {
    const EVENT: bool = false;
    const BODY: bool = false;
    const PARTS: bool = false;
}

impl<T> Unknown for Parameter<T> {}

impl<T: EventArgument> Parameter<T> {
    #[doc(hidden)]
    pub const EVENT: bool = true;
}

impl<T: FromRequest<()>> Parameter<T> {
    #[doc(hidden)]
    pub const BODY: bool = true;
}

impl<T: FromRequestParts<()>> Parameter<T> {
    #[doc(hidden)]
    pub const PARTS: bool = true;
}

/// What can be told of a type: whether it is an event, reads the body, or is an extractor that leaves the body alone.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Is {
    pub event: bool,
    pub body: bool,
    pub parts: bool,
}

/// Whether a parameter before the last is certainly a mistake.
///
/// Of a type that is neither an event nor reads the body nothing can be said: it may be an extractor for the state that
/// the endpoint will have.
#[doc(hidden)]
#[must_use]
pub const fn mistaken(is: Is) -> bool {
    (is.event || is.body) && !is.parts
}

/// Refuses, at compile time, a parameter before the last that is certainly a mistake.
///
/// # Panics
/// When it is one; but not for an event when the last parameter is none, which is the mistake then.
#[doc(hidden)]
#[track_caller]
pub const fn assert_parameter(is: Is, last_is_event: bool) {
    if !mistaken(is) {
        return;
    }
    assert!(is.event, "this reads the body, which was read to check its signature: take what it says from the event");
    assert!(!last_is_event, "this is an event too: a handler takes one, as its last parameter");
}

#[cfg(test)]
mod tests {
    use axum::extract::State;
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;
    use crate::events::ItemAdd;
    use crate::{Event, RawEvent};

    macro_rules! is {
        ($ty:ty) => {
            (Parameter::<$ty>::EVENT, Parameter::<$ty>::BODY, Parameter::<$ty>::PARTS)
        };
    }

    #[test]
    fn a_type_is_what_it_is() {
        assert_eq!(is!(ItemAdd), (true, false, false));
        assert_eq!(is!(Event<RawEvent>), (true, false, false));
        assert_eq!(is!(Bytes), (false, true, false));
        assert_eq!(is!(String), (false, true, false));
        assert_eq!(is!(HeaderMap), (false, false, true));
        // For this state, and so for none that is not named.
        assert_eq!(is!(State<()>), (false, false, true));
        assert_eq!(is!(State<u8>), (false, false, false));
        assert_eq!(is!(u8), (false, false, false));
    }

    #[test]
    fn what_may_be_an_extractor_is_no_mistake() {
        assert!(!mistaken(Is { event: false, body: false, parts: false }));
        assert!(!mistaken(Is { event: true, body: true, parts: true }));
        assert!(mistaken(Is { event: true, body: false, parts: false }));
        assert!(mistaken(Is { event: false, body: true, parts: false }));
    }
}
