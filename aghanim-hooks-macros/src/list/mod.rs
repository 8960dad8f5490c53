//! `webhooks![…]`: the list is parsed, then validated, then rendered.

mod parse;
mod registration;
mod render;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

pub(crate) fn expand(list: TokenStream) -> TokenStream {
    match syn::parse2::<parse::List>(list) {
        Ok(list) => {
            let mut errors = Errors::default();
            let rendered = render::list(&validate::validate(&list, &mut errors));
            if errors.is_empty() {
                return rendered;
            }
            let errors = errors.into_tokens();
            quote!({ #errors #rendered })
        }
        Err(error) => error.into_compile_error(),
    }
}
