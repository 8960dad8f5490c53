//! Generated tokens that bear the place of what the user wrote, so that the compiler's errors point there.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Ident;

/// From the first token to the last of something the user wrote.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl Extent {
    pub(crate) fn of(tokens: impl ToTokens) -> Self {
        let mut spans = tokens.into_token_stream().into_iter().map(|token| match token {
            TokenTree::Group(group) => (group.span_open(), group.span_close()),
            token => (token.span(), token.span()),
        });
        let (first, mut last) = spans.next().unwrap_or((Span::call_site(), Span::call_site()));
        for (_, end) in spans {
            last = end;
        }
        Self { first, last }
    }

    /// `private::tr::member`, in the same way.
    pub(crate) fn path(self, private: &TokenStream, tr: &str, member: &str) -> TokenStream {
        let Self { first, last } = self;
        let private = at(first, private.clone());
        let tr = Ident::new(tr, first);
        let member = Ident::new(member, last);
        quote_spanned!(first=> #private::#tr::#member)
    }

    /// `<ty as private::tr>::member`, which an error underlines as if it were what the user wrote.
    pub(crate) fn member(self, ty: impl ToTokens, private: &TokenStream, tr: TokenStream, member: &str) -> TokenStream {
        let Self { first, last } = self;
        let private = at(first, private.clone());
        let tr = at(first, tr);
        let member = Ident::new(member, last);
        let open = quote_spanned!(first=> <);
        let inside = quote_spanned!(first=> as #private::#tr);
        let close = quote_spanned!(last=> >::);
        quote::quote!(#open #ty #inside #close #member)
    }
}

/// The same tokens, all of them at one place.
pub(crate) fn at(span: Span, tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let mut moved = Group::new(group.delimiter(), at(span, group.stream()));
                moved.set_span(span);
                return TokenTree::Group(moved);
            }
            token.set_span(span);
            token
        })
        .collect()
}

/// Where a type borrows for less than `'static`.
pub(crate) fn borrow(ty: impl ToTokens) -> Option<Span> {
    let tokens = flat(ty.into_token_stream());
    let is = |i: usize, text: &str| tokens.get(i).is_some_and(|token| token.to_string() == text);
    let found = (0..tokens.len()).find(|i| {
        let lifetime = is(*i, "'") && !is(i + 1, "static");
        lifetime || is(*i, "&") && !(is(i + 1, "'") && is(i + 2, "static"))
    });
    found.map(|i| tokens[i].span())
}

/// The `impl` of an `impl Trait` somewhere in a type.
pub(crate) fn impl_trait(ty: impl ToTokens) -> Option<Span> {
    flat(ty.into_token_stream()).iter().find(|token| token.to_string() == "impl").map(TokenTree::span)
}

/// All tokens in a row, those of groups as well.
fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) => flat(group.stream()),
            token => vec![token],
        })
        .collect()
}
