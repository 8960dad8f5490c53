//! The path by which generated code names the runtime crate.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Path, Token};

use crate::errors::Errors;
use crate::manifest::{self, Dependency};
use crate::tokens::{self, Extent};

/// The path of the runtime crate: the value of `crate = …`, the name in `Cargo.toml`, or `::aghanim_hooks`.
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

    /// Looks in `Cargo.toml`, unless there was a `crate = …`.
    pub(crate) fn or_from_manifest(self, errors: &mut Errors) -> Self {
        self.or_from(manifest::find, errors)
    }

    fn or_from(self, find: impl FnOnce() -> Dependency, errors: &mut Errors) -> Self {
        if self.0.is_some() {
            return self;
        }
        match find() {
            Dependency::Renamed(name) => Self(syn::parse_str(&format!("::{}", name.replace('-', "_"))).ok()),
            Dependency::Plain => self,
            Dependency::Missing => {
                errors.at_span(
                    Span::call_site(),
                    "this package does not depend on `aghanim-hooks`: add it to `Cargo.toml`, or write its path, as in `crate = ::studio::aghanim_hooks`",
                );
                self
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_in_the_manifest() {
        let mut errors = Errors::default();
        let renamed = || Dependency::Renamed("my-hooks".to_owned());
        let root = |krate: Krate| krate.root().to_string().replace(' ', "");
        assert_eq!(root(Krate::default().or_from(renamed, &mut errors)), "::my_hooks");
        assert_eq!(root(Krate::default().or_from(|| Dependency::Plain, &mut errors)), "::aghanim_hooks");
        let given = Krate::new(syn::parse_quote!(::given)).unwrap();
        assert_eq!(root(given.clone().or_from(renamed, &mut errors)), "::given");
        assert_eq!(root(given.or_from(|| Dependency::Missing, &mut errors)), "::given");
        assert!(errors.is_empty());
        Krate::default().or_from(|| Dependency::Missing, &mut errors);
        assert!(errors.into_tokens().to_string().contains("this package does not depend on `aghanim-hooks`"));
    }
}
