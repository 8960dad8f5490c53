use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitStr, Signature, Token, Visibility};

use crate::tokens::without_body;

/// A function without its body, which is never looked at.
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
}

pub(super) fn parse(item: &TokenStream) -> syn::Result<Function> {
    syn::parse2(without_body(item.clone()))
}

fn no_function(item: ParseStream<'_>) -> syn::Error {
    item.error("`#[webhook]` goes on a function: write it above `async fn name(event: …)`")
}

/// True if `fn` comes before any word that belongs to another item.
fn is_function(item: ParseStream<'_>) -> bool {
    let modifiers = ["async", "const", "unsafe", "safe", "extern", "default", "gen"];
    while !item.peek(Token![fn]) {
        let modifier = item.call(Ident::parse_any).is_ok_and(|word| modifiers.iter().any(|modifier| word == modifier));
        // The ABI of `extern "C"`.
        if !modifier && item.parse::<LitStr>().is_err() {
            return false;
        }
    }
    true
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let item = input.fork();
        let signature = input.parse().map_err(|error| if is_function(&item) { error } else { no_function(&item) })?;
        if input.peek(Token![;]) {
            return Err(
                input.error("a handler is a free function with a body: write it outside the trait, with `{ … }`")
            );
        }
        Ok(Self { attributes, visibility, signature })
    }
}
