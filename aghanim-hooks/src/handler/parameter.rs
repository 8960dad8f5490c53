//! The kinds of a handler's parameters. The compiler decides by their types, so aliases and renamed imports work.

use std::marker::PhantomData;

use axum::extract::{FromRequest, FromRequestParts};

use crate::event::{EventArgument, Schemas};

/// Asks what a parameter's type is. Its inherent constants take precedence over those of [`Unknown`].
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never made")]
pub struct Parameter<T>(PhantomData<T>);

/// The answers for a type that has none of its own.
#[doc(hidden)]
pub trait Unknown {
    const EVENT: bool = false;
    const BODY: bool = false;
    const PARTS: bool = false;
    const TRANSACTION: Option<&'static str> = None;
    /// Fits every handler, so that a last parameter that is not an event is reported once.
    const EVENT_TYPES: &'static [&'static str] = &["*"];
    const SCHEMAS: Schemas = Schemas::NONE;
}

impl<T> Unknown for Parameter<T> {}

impl<T: EventArgument> Parameter<T> {
    #[doc(hidden)]
    pub const EVENT: bool = true;

    /// The payload's patterns.
    #[doc(hidden)]
    pub const EVENT_TYPES: &'static [&'static str] = T::EVENT_TYPES;

    /// The schemas of the payload and its reply.
    #[doc(hidden)]
    pub const SCHEMAS: Schemas = T::EVENT_SCHEMAS;
}

impl<T: FromRequest<()>> Parameter<T> {
    #[doc(hidden)]
    pub const BODY: bool = true;
}

impl<T: FromRequestParts<()>> Parameter<T> {
    #[doc(hidden)]
    pub const PARTS: bool = true;
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl<T: crate::idempotency::UsesTx> Parameter<T> {
    /// The database's name.
    #[doc(hidden)]
    pub const TRANSACTION: Option<&'static str> = Some(<T::Database as sqlx::Database>::NAME);
}

/// The facts about a type: it is an event, it reads the body, or it is an extractor that does not read the body.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Is {
    pub event: bool,
    pub body: bool,
    pub parts: bool,
}

/// True if a parameter before the last is certainly a mistake.
///
/// Any type that is not an event and does not read the body may be an extractor for the endpoint's state.
#[doc(hidden)]
#[must_use]
pub const fn mistaken(is: Is) -> bool {
    (is.event || is.body) && !is.parts
}

/// Refuses, at compile time, a parameter before the last that is certainly a mistake.
///
/// # Panics
/// Panics if it is a mistake. If the last parameter is not an event, only that is reported, not an event here.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn check_parameter(is: Is, last_is_event: bool) -> bool {
    if mistaken(is) {
        assert!(
            is.event,
            "this extractor reads the body, which the endpoint has already read: remove it, and use the event's fields or `Event::data_raw`"
        );
        assert!(!last_is_event, "a handler takes one event, as its last parameter: remove this one");
    }
    true
}

/// Returns the database of the one `Tx` among a handler's parameters.
///
/// # Panics
/// Panics if there are several.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn only_transaction(parameters: &[Option<&'static str>]) -> Option<&'static str> {
    let mut found = None;
    let mut i = 0;
    while i < parameters.len() {
        if parameters[i].is_some() {
            assert!(found.is_none(), "a handler can take only one `Tx`: remove the other");
            found = parameters[i];
        }
        i += 1;
    }
    found
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
        // It is an extractor for the state `()` only.
        assert_eq!(is!(State<()>), (false, false, true));
        assert_eq!(is!(State<u8>), (false, false, false));
        assert_eq!(is!(u8), (false, false, false));
    }

    #[test]
    fn one_transaction_is_found_at_any_place() {
        assert_eq!(only_transaction(&[]), None);
        assert_eq!(only_transaction(&[None, Some("SQLite"), None]), Some("SQLite"));
        assert_eq!(Parameter::<String>::TRANSACTION, None);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_transaction_is_known_by_its_type() {
        type Ours = crate::idempotency::Tx<sqlx::Sqlite>;
        assert_eq!(Parameter::<Ours>::TRANSACTION, Some("SQLite"));
        assert_eq!(Parameter::<Option<Ours>>::TRANSACTION, None);
    }

    #[test]
    #[should_panic(expected = "only one `Tx`")]
    fn two_are_one_too_many() {
        let _ = only_transaction(&[Some("SQLite"), Some("PostgreSQL")]);
    }

    #[test]
    fn a_possible_extractor_is_not_a_mistake() {
        assert!(check_parameter(Is { event: false, body: false, parts: false }, true));
        assert!(check_parameter(Is { event: true, body: true, parts: true }, true));
    }

    #[test]
    fn the_only_event_is_reported_as_the_wrong_last_parameter_alone() {
        assert!(check_parameter(Is { event: true, body: false, parts: false }, false));
    }

    #[test]
    #[should_panic(expected = "this extractor reads the body")]
    fn the_body_is_gone() {
        let _ = check_parameter(Is { event: false, body: true, parts: false }, false);
    }

    #[test]
    #[should_panic(expected = "a handler takes one event")]
    fn a_second_event_is_one_too_many() {
        let _ = check_parameter(Is { event: true, body: false, parts: false }, true);
    }
}
