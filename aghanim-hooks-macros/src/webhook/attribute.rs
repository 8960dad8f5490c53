use proc_macro2::TokenStream;
use syn::LitBool;
use syn::parse::{ParseStream, Parser};

use super::environment::Environment;
use super::later::Later;
use crate::arguments::{self, Argument};
use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;
use crate::pattern::Patterns;

const KEYS: &[&str] = &["only", "otherwise", "once", "later", "undocumented", "crate"];

/// The attribute's arguments.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) patterns: Patterns,
    pub(super) krate: Krate,
    pub(super) environment: Environment,
    pub(super) later: Later,
    /// `once = true` or `once = false`.
    pub(super) once: Option<LitBool>,
    /// True if the user marked the names as not documented by Aghanim.
    pub(super) undocumented: bool,
    /// True if an argument failed to parse. Missing arguments are then not reported, since they may be in the part that
    /// failed.
    pub(super) broken: bool,
}

pub(super) fn parse(arguments: TokenStream, errors: &mut Errors) -> Arguments {
    let mut parsed = Arguments::default();
    let read = |input: ParseStream<'_>| Ok(arguments::each(input, errors, |input| argument(input, &mut parsed)));
    parsed.broken = !read.parse2(arguments).unwrap_or(false);
    parsed
}

fn argument(input: ParseStream<'_>, parsed: &mut Arguments) -> syn::Result<()> {
    match arguments::name_or_key(input, KEYS)? {
        Argument::Name(name) => parsed.patterns.push(name),
        Argument::Key(key) if key == "undocumented" => {
            if std::mem::replace(&mut parsed.undocumented, true) {
                return Err(arguments::given_twice(&key));
            }
        }
        Argument::Key(key) if key == "crate" => parsed.krate = arguments::krate(input, &key)?,
        Argument::Key(key) if key == "once" => {
            if parsed.once.replace(arguments::value(input, &key, "false")?).is_some() {
                return Err(arguments::given_twice(&key));
            }
        }
        Argument::Key(key) => {
            if !parsed.environment.parse(&key, input)? && !parsed.later.parse(&key, input)? {
                return Err(unknown_key(&key, KEYS));
            }
        }
    }
    Ok(())
}
