//! `webhooks![…]`: the list is parsed, then validated, then rendered.

mod parse;
mod render;
mod validate;

use proc_macro2::TokenStream;

pub(crate) fn expand(list: TokenStream) -> TokenStream {
    match syn::parse2::<parse::List>(list) {
        Ok(list) => render::list(&validate::validate(&list)),
        Err(error) => error.into_compile_error(),
    }
}
