//! `#[derive(IntoRejection)]`: the type and its attributes are parsed, then validated, then rendered.

mod parse;
mod render;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let item = parse::item(input, &mut errors);
    let rendered = render::rejection(&validate::validate(item, &mut errors));
    let errors = errors.into_tokens();
    quote!(#errors #rendered)
}
