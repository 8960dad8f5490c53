//! `#[webhook("…")]`: parsed, validated, rendered, each in a file of its own.

mod attr;
mod expand;
mod limit;
mod pattern;
mod signature;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

pub(crate) use pattern::{Patterns, check as check_pattern};

/// The user's function always comes out as it went in, so that an editor keeps working on it.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = attr::parse(arguments, &mut errors);
    let krate = arguments.krate.clone();
    let generated = match signature::parse(item) {
        Ok(function) => match validate::validate(&function, arguments, &mut errors) {
            Some(handler) => expand::handler(&handler),
            // What takes `self` stands where no type can stand beside it.
            None if function.signature.receiver().is_some() => TokenStream::new(),
            None => expand::fallback(&function, &krate),
        },
        Err(error) => {
            errors.push(error);
            TokenStream::new()
        }
    };
    let errors = errors.into_tokens();
    quote!(#item #errors #generated)
}
