use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Ident, LitInt, LitStr, Path};

use crate::arguments;
use crate::errors::{Errors, list, unknown_key};
use crate::krate::Krate;

const KEYS: &[&str] = &["status", "code", "message", "internal", "transparent", "crate"];

/// The type, with its attributes read.
pub(super) struct Item {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) kind: Kind,
    /// True if `thiserror` derives its trait for this type, and so makes `From` wherever there is a `#[from]`.
    pub(super) thiserror: bool,
}

pub(super) enum Kind {
    Enum { reject: Reject, variants: Vec<Variant> },
    Struct(Variant),
    Union(Span),
}

/// A variant, or the struct itself.
pub(super) struct Variant {
    pub(super) name: Ident,
    pub(super) fields: Fields,
    pub(super) reject: Reject,
}

/// The `#[reject(…)]` attributes of a type or a variant.
#[derive(Default)]
pub(super) struct Reject {
    /// The keys of the first attribute, and its name.
    pub(super) keys: Option<(Path, Keys)>,
    /// The names of the others.
    pub(super) further: Vec<Path>,
}

/// The keys of one `#[reject(…)]`, as written.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) status: Option<LitInt>,
    pub(super) code: Option<LitStr>,
    pub(super) message: Option<Message>,
    pub(super) internal: Option<Ident>,
    pub(super) transparent: Option<Ident>,
    pub(super) krate: Option<(Ident, Krate)>,
    /// All keys but `crate`, in order.
    pub(super) written: Vec<Ident>,
    /// True if an argument failed to parse. Missing arguments are then not reported, since they may be in the part that
    /// failed.
    pub(super) broken: bool,
}

/// The value of `message = …`.
pub(super) enum Message {
    Text(LitStr),
    /// `display`, with its place.
    Display(Span),
}

pub(super) fn item(input: DeriveInput, errors: &mut Errors) -> Item {
    let mut thiserror = has_error_attribute(&input.attrs);
    let kind = match input.data {
        Data::Enum(data) => {
            thiserror |= data.variants.iter().any(|variant| has_error_attribute(&variant.attrs));
            let whole = reject(&input.attrs, errors);
            let variants = data.variants.into_iter().map(|variant| {
                let reject = reject(&variant.attrs, errors);
                Variant { name: variant.ident, fields: variant.fields, reject }
            });
            Kind::Enum { reject: whole, variants: variants.collect() }
        }
        Data::Struct(data) => {
            let reject = reject(&input.attrs, errors);
            Kind::Struct(Variant { name: input.ident.clone(), fields: data.fields, reject })
        }
        Data::Union(union) => Kind::Union(union.union_token.span),
    };
    Item { name: input.ident, generics: input.generics, kind, thiserror }
}

/// `#[error(…)]` is the attribute by which `thiserror` is told a message.
fn has_error_attribute(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("error"))
}

fn reject(attributes: &[Attribute], errors: &mut Errors) -> Reject {
    let mut attributes = attributes.iter().filter(|attribute| attribute.path().is_ident("reject"));
    Reject {
        keys: attributes.next().map(|attribute| (attribute.path().clone(), keys(attribute, errors))),
        further: attributes.map(|attribute| attribute.path().clone()).collect(),
    }
}

fn keys(attribute: &Attribute, errors: &mut Errors) -> Keys {
    let mut keys = Keys::default();
    let sound = attribute
        .parse_args_with(|input: ParseStream<'_>| Ok(arguments::each(input, errors, |input| key(input, &mut keys))));
    // An error here means that the attribute has no parentheses, so nothing failed to parse.
    keys.broken = !sound.unwrap_or(true);
    keys
}

fn key(input: ParseStream<'_>, keys: &mut Keys) -> syn::Result<()> {
    let at = input.cursor().span();
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(syn::Error::new(at, format_args!("expected a key: the keys are {}", list(KEYS))));
    };
    let twice = if key == "internal" {
        keys.internal.replace(key.clone()).is_some()
    } else if key == "transparent" {
        keys.transparent.replace(key.clone()).is_some()
    } else if key == "status" {
        keys.status.replace(arguments::value(input, &key, "400")?).is_some()
    } else if key == "code" {
        keys.code.replace(arguments::value(input, &key, "\"declined\"")?).is_some()
    } else if key == "message" {
        keys.message.replace(message(input, &key)?).is_some()
    } else if key == "crate" {
        keys.krate.replace((key.clone(), arguments::krate(input, &key)?)).is_some()
    } else {
        return Err(unknown_key(&key, KEYS));
    };
    if twice {
        return Err(arguments::given_twice(&key));
    }
    if key != "crate" {
        keys.written.push(key);
    }
    Ok(())
}

fn message(input: ParseStream<'_>, key: &Ident) -> syn::Result<Message> {
    const EXAMPLE: &str = "\"no such item\"` or `message = display";
    let value = |input: ParseStream<'_>| {
        let ahead = input.fork();
        if let Ok(word) = ahead.parse::<Ident>()
            && word == "display"
        {
            input.parse::<Ident>()?;
            return Ok(Message::Display(word.span()));
        }
        input.parse().map(Message::Text)
    };
    arguments::value_with(input, key, EXAMPLE, value)
}
