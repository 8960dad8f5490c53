//! Generated tokens at the user's places, so that the compiler's errors point there; and questions to a type's tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Ident, Token};

/// The first and the last token of something the user wrote.
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

    /// `<ty as prefix::tr>::member`, which an error underlines as if it were what the user wrote.
    pub(crate) fn member(self, ty: impl ToTokens, prefix: impl ToTokens, tr: &str, member: &str) -> TokenStream {
        let Self { first, last } = self;
        let tr = Ident::new(tr, first);
        let close = Token![>](last);
        let member = Ident::new(member, last);
        quote_spanned!(first=> <#ty as #prefix::#tr #close::#member)
    }
}

/// The same tokens, all at `span`.
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

/// An item without its body in braces. A body is never looked at, and parsing it would cost time.
pub(crate) fn without_body(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = item.into_iter().collect();
    tokens.pop_if(|last| matches!(last, TokenTree::Group(body) if body.delimiter() == Delimiter::Brace));
    tokens.into_iter().collect()
}

/// The first borrow in a type that is shorter than `'static`. Takes the type's [`flat`] tokens.
pub(crate) fn borrow(ty: &[TokenTree]) -> Option<Span> {
    let of_static = |i: usize| is_punct(ty.get(i), '\'') && is_ident(ty.get(i + 1), "static");
    let lifetime = |i: usize| is_punct(ty.get(i), '\'') && !of_static(i);
    let reference = |i: usize| is_punct(ty.get(i), '&') && !of_static(i + 1);
    let found = (0..ty.len()).find(|i| lifetime(*i) || reference(*i));
    found.map(|i| ty[i].span())
}

/// The `impl` of an `impl Trait` anywhere in a type. Takes the type's [`flat`] tokens.
pub(crate) fn impl_trait(ty: &[TokenTree]) -> Option<Span> {
    ty.iter().find(|token| is_ident(Some(token), "impl")).map(TokenTree::span)
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

/// All tokens in one row, including those inside groups.
pub(crate) fn flat(tokens: impl ToTokens) -> Vec<TokenTree> {
    fn push(tokens: TokenStream, flat: &mut Vec<TokenTree>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => push(group.stream(), flat),
                token => flat.push(token),
            }
        }
    }
    let mut all = Vec::new();
    push(tokens.into_token_stream(), &mut all);
    all
}
