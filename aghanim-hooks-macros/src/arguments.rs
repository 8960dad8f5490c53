//! Reads the arguments of an attribute: event names and keys, separated by commas.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path, Token};

use crate::errors::Errors;
use crate::krate::Krate;
use crate::pattern::Pattern;

/// Reads one argument after the other, and goes on after a mistake. Returns true if there was none.
pub(crate) fn each(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut argument: impl FnMut(ParseStream<'_>) -> syn::Result<()>,
) -> bool {
    let mut sound = true;
    while !input.is_empty() {
        let read = argument(input).and_then(|()| {
            let end = input.is_empty() || input.peek(Token![,]);
            if end { Ok(()) } else { Err(input.error("missing `,` before this")) }
        });
        if let Err(error) = read {
            errors.push(error);
            sound = false;
            skip_to_comma(input);
        }
        // The next token is a comma or the end.
        let _: Option<Token![,]> = input.parse().ok();
    }
    sound
}

/// Returns what was skipped, as it was written.
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
    Name(Pattern),
    /// The key of `key = …`. The input is left at the `=`.
    Key(Ident),
}

/// Reads a name, or a key up to its `=`. `known` are the keys.
pub(crate) fn name_or_key(input: ParseStream<'_>, known: &[&str]) -> syn::Result<Argument> {
    if input.peek(LitStr) {
        return Ok(Argument::Name(Pattern::Text(input.parse()?)));
    }
    if is_path(input) {
        return Ok(Argument::Name(Pattern::Path(input.call(Path::parse_mod_style)?)));
    }
    let at = input.cursor().span();
    let Ok(key) = input.call(Ident::parse_any) else {
        skip_to_comma(input);
        return Err(syn::Error::new(at, "expected an event name in quotes, such as `\"item.add\"`"));
    };
    if input.peek(Token![=]) || known.iter().any(|known| key == known) {
        return Ok(Argument::Key(key));
    }
    let rest = skip_to_comma(input);
    Err(syn::Error::new(key.span(), format_args!("put the event name in quotes: write `\"{key}{rest}\"`")))
}

/// True for `name::ITEM_ADD`, and for `ITEM_ADD`, which is written like a constant.
fn is_path(input: ParseStream<'_>) -> bool {
    if input.peek(Token![::]) || input.peek2(Token![::]) {
        return true;
    }
    let word = input.fork().call(Ident::parse_any).is_ok_and(|word| {
        let word = word.to_string();
        word.starts_with(|first: char| first.is_ascii_uppercase()) && !word.contains(|c: char| c.is_ascii_lowercase())
    });
    word && !input.peek2(Token![=]) && !input.peek2(Token![.])
}

/// Reads `= ::path`.
pub(crate) fn krate(input: ParseStream<'_>, key: &Ident) -> syn::Result<Krate> {
    let mistaken = |at| syn::Error::new(at, "`crate` takes the path of this library: write `crate = ::aghanim_hooks`");
    if input.parse::<Token![=]>().is_err() || input.is_empty() {
        return Err(mistaken(key.span()));
    }
    let at = input.cursor().span();
    Krate::new(input.call(Path::parse_mod_style).map_err(|_| mistaken(at))?)
}

/// Reads `= value`. On a mistake, the message shows `example` as the value.
pub(crate) fn value<T: syn::parse::Parse>(input: ParseStream<'_>, key: &Ident, example: &str) -> syn::Result<T> {
    value_with(input, key, example, T::parse)
}

/// Reads `= value` with a parser of the caller's.
pub(crate) fn value_with<T>(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let error = |at, wrong| syn::Error::new(at, format_args!("{wrong} for `{key}`: write `{key} = {example}`"));
    if input.parse::<Token![=]>().is_err() || input.is_empty() {
        return Err(error(key.span(), "missing value"));
    }
    let at = input.cursor().span();
    parse(input).map_err(|_| error(at, "unexpected value"))
}

/// The error for a key that is given a second time.
pub(crate) fn given_twice(key: &Ident) -> syn::Error {
    syn::Error::new(key.span(), format_args!("`{key}` is given twice: remove one"))
}
