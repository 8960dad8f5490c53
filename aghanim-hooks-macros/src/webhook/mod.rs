//! `#[webhook("…")]`: its arguments and the function are parsed, then validated, then rendered.

mod attribute;
mod environment;
mod later;
mod render;
mod signature;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

/// The user's function always comes out as it went in, so that editors keep working on broken code.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut arguments = attribute::parse(arguments, &mut errors);
    arguments.krate = arguments.krate.or_from_manifest(&mut errors);
    let krate = arguments.krate.clone();
    let generated = match signature::parse(item) {
        Ok(function) => match validate::validate(&function, arguments, &mut errors) {
            Some(handler) => render::handler(&handler),
            // A function with `self` is in an `impl` block, where the fallback's items are not allowed.
            None if function.signature.receiver().is_some() => TokenStream::new(),
            None => render::fallback(&function, &krate),
        },
        Err(error) => {
            errors.push(error);
            TokenStream::new()
        }
    };
    let errors = errors.into_tokens();
    quote!(#item #errors #generated)
}
