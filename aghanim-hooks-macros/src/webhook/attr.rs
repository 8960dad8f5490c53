use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Path, Token};

use super::limit::Limit;
use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;

/// What stands in the parentheses of the attribute.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) patterns: Vec<LitStr>,
    pub(super) krate: Krate,
    pub(super) limit: Limit,
    /// Whether some of it could not be read: then nothing can be said about what is missing.
    pub(super) broken: bool,
}

pub(super) fn parse(arguments: TokenStream, errors: &mut Errors) -> Arguments {
    let mut parsed = Arguments::default();
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if input.peek(LitStr) {
                parsed.patterns.push(input.parse()?);
            } else {
                key(input, &mut parsed)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(arguments) {
        errors.push(error);
        parsed.broken = true;
    } else if let Some(error) = parsed.limit.mistake() {
        errors.push(error);
    }
    parsed
}

fn key(input: ParseStream<'_>, arguments: &mut Arguments) -> syn::Result<()> {
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error("expected an event name in quotes, such as `\"player.verify\"`"));
    };
    if arguments.limit.parse(&key, input)? {
        return Ok(());
    }
    if key != "crate" {
        return Err(unknown_key(&key, &["only", "otherwise", "crate"]));
    }
    input.parse::<Token![=]>()?;
    arguments.krate = Krate::new(input.call(Path::parse_mod_style)?)?;
    Ok(())
}
