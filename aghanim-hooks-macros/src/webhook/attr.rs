use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Path, Token};

use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;

/// What stands in the parentheses of the attribute.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) patterns: Vec<LitStr>,
    pub(super) krate: Krate,
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
                key(input, &mut parsed.krate)?;
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
    }
    parsed
}

fn key(input: ParseStream<'_>, krate: &mut Krate) -> syn::Result<()> {
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error("expected an event name in quotes, such as `\"player.verify\"`"));
    };
    if key != "crate" {
        return Err(unknown_key(&key, &["crate"]));
    }
    input.parse::<Token![=]>()?;
    *krate = Krate::new(input.call(Path::parse_mod_style)?)?;
    Ok(())
}
