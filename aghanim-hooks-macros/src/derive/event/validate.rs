use syn::{GenericParam, Ident, Type};

use super::parse::{Arguments, Item};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::pattern::{self, Patterns};

/// A payload type.
pub(super) struct Payload {
    pub(super) name: Ident,
    pub(super) krate: Krate,
    /// `None` if a mistake was reported.
    pub(super) patterns: Option<Patterns>,
    pub(super) reply: Option<Type>,
    /// True if the type has parameters, which is a mistake.
    pub(super) generic: bool,
}

pub(super) fn validate(item: Item, arguments: Arguments, errors: &mut Errors) -> Payload {
    if let Some(union) = &item.union {
        errors.at(union, "a payload can't be a union: use a struct or an enum");
    }
    let mut attributes = item.event_attributes();
    let first = attributes.next();
    if first.is_none() {
        errors.at(&item.name, "missing event name: add `#[event(\"guild.joined\")]` with the name of the event");
    }
    if let Some(attribute) = first
        && arguments.patterns.is_empty()
        && !arguments.broken
    {
        errors.at(attribute.path(), "missing event name: write `#[event(\"guild.joined\")]`");
    }
    for again in attributes {
        errors.at(
            again.path(),
            "`#[event]` is given twice: write all names in one, as in `#[event(\"guild.joined\", \"guild.left\")]`",
        );
    }
    for parameter in &item.generics.params {
        errors.at(
            parameter,
            match parameter {
                GenericParam::Lifetime(_) => "a payload can't borrow: use owned types, such as `String`",
                GenericParam::Type(_) | GenericParam::Const(_) => {
                    "a payload can't be generic: write one type for each event, without parameters"
                }
            },
        );
    }
    pattern::check(&arguments.patterns, errors);
    let Arguments { patterns, reply, krate, .. } = arguments;
    let krate = krate.or_from_manifest(errors);
    let patterns = errors.is_empty().then_some(patterns);
    let generic = !item.generics.params.is_empty();
    Payload { name: item.name, krate, patterns, reply, generic }
}
