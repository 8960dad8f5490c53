use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Ident, Path, Token};

use crate::tokens;

/// Where generated code finds the runtime crate: `::aghanim_hooks`, unless `crate = …` says otherwise.
#[derive(Default, Clone)]
pub(crate) struct Krate(Option<Path>);

impl Krate {
    /// Takes the path of `crate = …`. A relative one would mean something else in every module.
    pub(crate) fn new(path: Path) -> syn::Result<Self> {
        let absolute =
            path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate");
        if absolute {
            return Ok(Self(Some(path)));
        }
        let written = quote!(#path).to_string().replace(' ', "");
        Err(syn::Error::new_spanned(path, format!("`crate` takes an absolute path: did you mean `::{written}`?")))
    }

    /// The module that generated code names things by.
    pub(crate) fn private(&self) -> Private<'_> {
        Private { krate: self, span: None }
    }
}

/// `::aghanim_hooks::__private`.
///
/// Written token by token: it stands in an expansion many times, and what a macro makes twice the user waits for twice.
#[derive(Clone, Copy)]
pub(crate) struct Private<'a> {
    krate: &'a Krate,
    span: Option<Span>,
}

impl Private<'_> {
    /// The same, all of it at one place.
    pub(crate) fn at(self, span: Span) -> Self {
        Self { span: Some(span), ..self }
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
