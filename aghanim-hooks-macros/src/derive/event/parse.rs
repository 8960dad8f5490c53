use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Ident, Token, Type, Visibility};

use crate::arguments::{self, Argument};
use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;
use crate::pattern::Patterns;

const KEYS: &[&str] = &["reply", "crate"];

/// A type without its fields, which are serde's business.
pub(super) struct Item {
    attributes: Vec<Attribute>,
    pub(super) union: Option<Token![union]>,
    pub(super) name: Ident,
    pub(super) generics: Generics,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let union = if input.peek(Token![union]) { Some(input.parse()?) } else { None };
        if union.is_none() && input.parse::<Option<Token![struct]>>()?.is_none() {
            input.parse::<Token![enum]>()?;
        }
        let name = input.parse()?;
        let generics: Generics = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, union, name, generics })
    }
}

impl Item {
    /// The type's `#[event(…)]` attributes.
    pub(super) fn event_attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("event"))
    }
}

/// The arguments of `#[event(…)]`.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) patterns: Patterns,
    pub(super) reply: Option<Type>,
    pub(super) krate: Krate,
    /// True if an argument failed to parse. Missing arguments are then not reported, since they may be in the part that
    /// failed.
    pub(super) broken: bool,
}

/// Reads the first `#[event(…)]`.
pub(super) fn arguments(item: &Item, errors: &mut Errors) -> Arguments {
    let mut arguments = Arguments::default();
    if let Some(attribute) = item.event_attributes().next() {
        let sound = attribute.parse_args_with(|input: ParseStream<'_>| {
            Ok(arguments::each(input, errors, |input| argument(input, &mut arguments)))
        });
        // An error here means that the attribute has no parentheses, so nothing failed to parse.
        arguments.broken = !sound.unwrap_or(true);
    }
    arguments
}

fn argument(input: ParseStream<'_>, parsed: &mut Arguments) -> syn::Result<()> {
    match arguments::name_or_key(input, KEYS)? {
        Argument::Name(name) => parsed.patterns.push(name),
        Argument::Key(key) if key == "crate" => parsed.krate = arguments::krate(input, &key)?,
        Argument::Key(key) if key == "reply" => parsed.reply = Some(arguments::value(input, &key, "GuildCard")?),
        Argument::Key(key) => return Err(unknown_key(&key, KEYS)),
    }
    Ok(())
}
