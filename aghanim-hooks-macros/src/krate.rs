//! The path by which generated code names the runtime crate.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Path, Token};

use crate::tokens::{self, Extent};

/// The path of the runtime crate: `::aghanim_hooks`, or the value of `crate = …`.
#[derive(Default, Clone)]
pub(crate) struct Krate(Option<Path>);

impl Krate {
    /// Accepts absolute paths only: a relative one would mean something else in every module.
    pub(crate) fn new(path: Path) -> syn::Result<Self> {
        let absolute =
            path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate");
        if absolute {
            return Ok(Self(Some(path)));
        }
        let written = quote!(#path).to_string().replace(' ', "");
        Err(syn::Error::new_spanned(path, format!("`crate` takes an absolute path: write `crate = ::{written}`")))
    }

    /// The path itself.
    pub(crate) fn root(&self) -> TokenStream {
        self.0.as_ref().map_or_else(|| quote!(::aghanim_hooks), ToTokens::to_token_stream)
    }

    /// The module that generated code takes its names from.
    pub(crate) fn private(&self) -> Private<'_> {
        Private { krate: self, span: None }
    }
}

/// The tokens of `::aghanim_hooks::__private`.
///
/// They are pushed one by one, not quoted: the path occurs many times in an expansion, and the user waits for each.
#[derive(Clone, Copy)]
pub(crate) struct Private<'a> {
    krate: &'a Krate,
    span: Option<Span>,
}

impl Private<'_> {
    /// The same path with every token at `span`.
    pub(crate) fn at(self, span: Span) -> Self {
        Self { span: Some(span), ..self }
    }

    /// `private::tr::member`, which an error underlines as if it were what the user wrote at `extent`.
    pub(crate) fn path(self, extent: Extent, tr: &str, member: &str) -> TokenStream {
        let Extent { first, last } = extent;
        let private = self.at(first);
        let tr = Ident::new(tr, first);
        let member = Ident::new(member, last);
        quote_spanned!(first=> #private::#tr::#member)
    }
}

impl ToTokens for Private<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let span = self.span.unwrap_or_else(Span::call_site);
        match (&self.krate.0, self.span) {
            (Some(path), Some(span)) => tokens.extend(tokens::at(span, path.to_token_stream())),
            (Some(path), None) => path.to_tokens(tokens),
            (None, _) => {
                Token![::](span).to_tokens(tokens);
                Ident::new("aghanim_hooks", span).to_tokens(tokens);
            }
        }
        Token![::](span).to_tokens(tokens);
        Ident::new("__private", span).to_tokens(tokens);
    }
}
