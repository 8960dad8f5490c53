//! What stands in the parentheses of an attribute: names in quotes and keys, with commas between.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path, Token};

use crate::errors::Errors;
use crate::krate::Krate;

/// Reads one argument after the other. A mistake in one leaves the others; true if there was none.
pub(crate) fn each(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut argument: impl FnMut(ParseStream<'_>) -> syn::Result<()>,
) -> bool {
    let mut sound = true;
    while !input.is_empty() {
        let read = argument(input).and_then(|()| {
            let end = input.is_empty() || input.peek(Token![,]);
            if end { Ok(()) } else { Err(input.error("expected `,`")) }
        });
        if let Err(error) = read {
            errors.push(error);
            sound = false;
            skip_to_comma(input);
        }
        // Nothing else is left to stand here.
        let _: Option<Token![,]> = input.parse().ok();
    }
    sound
}

/// What was skipped, as it was written.
fn skip_to_comma(input: ParseStream<'_>) -> String {
    let mut skipped = String::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        if let Ok(token) = input.parse::<proc_macro2::TokenTree>() {
            skipped += &token.to_string();
        }
    }
    skipped
}

pub(crate) enum Argument {
    Name(LitStr),
    /// What is left to read is `= …`.
    Key(Ident),
}

/// Reads a name, or a key up to its `=`. `known` are the keys.
pub(crate) fn name_or_key(input: ParseStream<'_>, known: &[&str]) -> syn::Result<Argument> {
    if input.peek(LitStr) {
        return input.parse().map(Argument::Name);
    }
    let at = input.cursor().span();
    let Ok(key) = input.call(Ident::parse_any) else {
        skip_to_comma(input);
        return Err(syn::Error::new(at, "expected an event name in quotes, such as `\"player.verify\"`"));
    };
    if input.peek(Token![=]) || known.iter().any(|known| key == known) {
        return Ok(Argument::Key(key));
    }
    let rest = skip_to_comma(input);
    Err(syn::Error::new(key.span(), format_args!("an event name stands in quotes: `\"{key}{rest}\"`")))
}

/// `= ::path`
pub(crate) fn krate(input: ParseStream<'_>, key: &Ident) -> syn::Result<Krate> {
    let mistaken = |at| syn::Error::new(at, "`crate` takes the path of this library: `crate = ::aghanim_hooks`");
    if input.parse::<Token![=]>().is_err() || input.is_empty() {
        return Err(mistaken(key.span()));
    }
    let at = input.cursor().span();
    Krate::new(input.call(Path::parse_mod_style).map_err(|_| mistaken(at))?)
}

/// `= value`, or a message that says what the value is.
pub(crate) fn value<T: syn::parse::Parse>(input: ParseStream<'_>, key: &Ident, is: &str) -> syn::Result<T> {
    let missing = |at| syn::Error::new(at, format_args!("`{key}` takes {is}: `{key} = …`"));
    if input.parse::<Token![=]>().is_err() || input.is_empty() {
        return Err(missing(key.span()));
    }
    let at = input.cursor().span();
    input.parse().map_err(|_| missing(at))
}
