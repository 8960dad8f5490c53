use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{LitBool, LitStr};

use super::limit::Limit;
use crate::arguments::{self, Argument};
use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;

const KEYS: &[&str] = &["only", "otherwise", "once", "crate"];

/// What stands in the parentheses of the attribute.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) patterns: Vec<LitStr>,
    pub(super) krate: Krate,
    pub(super) limit: Limit,
    /// `once = true` or `once = false`.
    pub(super) once: Option<LitBool>,
    /// Whether some of it could not be read: then nothing can be said about what is missing.
    pub(super) broken: bool,
}

pub(super) fn parse(arguments: TokenStream, errors: &mut Errors) -> Arguments {
    let mut parsed = Arguments::default();
    let read = |input: ParseStream<'_>| Ok(arguments::each(input, errors, |input| argument(input, &mut parsed)));
    let sound = read.parse2(arguments).unwrap_or(false);
    parsed.broken = !sound;
    if let Some(error) = parsed.limit.mistake().filter(|_| sound) {
        errors.push(error);
    }
    parsed
}

fn argument(input: ParseStream<'_>, parsed: &mut Arguments) -> syn::Result<()> {
    match arguments::name_or_key(input, KEYS)? {
        Argument::Name(name) => parsed.patterns.push(name),
        Argument::Key(key) if key == "crate" => parsed.krate = arguments::krate(input, &key)?,
        Argument::Key(key) if key == "once" => parsed.once = Some(arguments::value(input, &key, "`true` or `false`")?),
        Argument::Key(key) => {
            if !parsed.limit.parse(&key, input)? {
                return Err(unknown_key(&key, KEYS));
            }
        }
    }
    Ok(())
}
