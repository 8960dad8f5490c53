//! `only = "live", otherwise = "acknowledge"`: the environment that a handler takes events from.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Token};

use crate::krate::Private;

#[derive(Default)]
pub(super) struct Limit {
    only: Option<LitStr>,
    otherwise: Option<LitStr>,
}

impl Limit {
    /// Reads what follows the key; false when the key is none of a limit's.
    pub(super) fn parse(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        let (value, choices) = if key == "only" {
            (&mut self.only, ["live", "sandbox"])
        } else if key == "otherwise" {
            (&mut self.otherwise, ["refuse", "acknowledge"])
        } else {
            return Ok(false);
        };
        input.parse::<Token![=]>()?;
        let [one, other] = choices;
        let at = input.span();
        let chosen = input.parse::<LitStr>().ok().filter(|chosen| choices.contains(&chosen.value().as_str()));
        let Some(chosen) = chosen else {
            return Err(syn::Error::new(at, format_args!("`{key}` is \"{one}\" or \"{other}\"")));
        };
        if value.replace(chosen).is_some() {
            return Err(syn::Error::new(key.span(), format_args!("`{key}` stands twice")));
        }
        Ok(true)
    }

    /// The mistake in what was read, if there is one.
    pub(super) fn mistake(&self) -> Option<syn::Error> {
        let otherwise = self.otherwise.as_ref().filter(|_| self.only.is_none())?;
        Some(syn::Error::new_spanned(otherwise, "otherwise than what? Add `only = \"live\"` or `only = \"sandbox\"`"))
    }

    /// What is added to the entry of a list; nothing where there is no limit.
    pub(super) fn render(&self, private: Private<'_>) -> Option<TokenStream> {
        let only = variant(self.only.as_ref()?);
        let otherwise = self.otherwise.as_ref().map_or_else(|| format_ident!("Refuse"), variant);
        Some(quote!(.only(#private::Environment::#only, #private::Otherwise::#otherwise)))
    }
}

/// `Live` of `"live"`.
fn variant(choice: &LitStr) -> Ident {
    let text = choice.value();
    Ident::new(&format!("{}{}", text[..1].to_ascii_uppercase(), &text[1..]), choice.span())
}
