//! `#[derive(WebhookEvent)]`: the type is parsed, then validated, then rendered.

mod parse;
mod render;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::tokens::without_body;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let item: parse::Item = match syn::parse2(without_body(item)) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let arguments = parse::arguments(&item, &mut errors);
    let rendered = render::payload(&validate::validate(item, arguments, &mut errors));
    let errors = errors.into_tokens();
    quote!(#errors #rendered)
}
