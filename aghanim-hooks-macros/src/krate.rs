use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

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
    pub(crate) fn private(&self) -> TokenStream {
        match &self.0 {
            Some(path) => quote!(#path::__private),
            None => quote!(::aghanim_hooks::__private),
        }
    }
}
