use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

/// A function as far as its signature; the body is the user's, and never looked at.
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
}

pub(super) fn parse(item: TokenStream) -> syn::Result<Function> {
    syn::parse2(item)
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let before_item = input.cursor();
        let Ok(signature) = input.parse() else {
            let message = "`#[webhook(\"…\")]` goes on a function: `async fn name(event: …) -> …`";
            return Err(syn::Error::new(before_item.span(), message));
        };
        if input.peek(Token![;]) {
            return Err(input.error("a handler has a body"));
        }
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, visibility, signature })
    }
}
