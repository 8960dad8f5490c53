//! `only = "live", otherwise = "acknowledge"`: the environment that a handler takes events from.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Token};

use crate::arguments::given_twice;
use crate::errors::Errors;
use crate::krate::Private;

#[derive(Default)]
pub(super) struct Environment {
    only: Option<LitStr>,
    otherwise: Option<LitStr>,
}

impl Environment {
    /// Reads `= "…"` after `only` or `otherwise`. Returns false for any other key.
    pub(super) fn parse(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        let (value, choices) = if key == "only" {
            (&mut self.only, ["live", "sandbox"])
        } else if key == "otherwise" {
            (&mut self.otherwise, ["refuse", "acknowledge"])
        } else {
            return Ok(false);
        };
        let [one, other] = choices;
        let unknown = |at| {
            syn::Error::new(
                at,
                format_args!("unexpected value for `{key}`: write `{key} = \"{one}\"` or `{key} = \"{other}\"`"),
            )
        };
        if input.parse::<Token![=]>().is_err() {
            return Err(unknown(key.span()));
        }
        let at = input.span();
        let chosen = input.parse::<LitStr>().ok().filter(|chosen| choices.contains(&chosen.value().as_str()));
        if value.replace(chosen.ok_or_else(|| unknown(at))?).is_some() {
            return Err(given_twice(key));
        }
        Ok(true)
    }

    pub(super) fn validate(&self, errors: &mut Errors) {
        if let (Some(otherwise), None) = (&self.otherwise, &self.only) {
            errors.at(otherwise, "`otherwise` needs `only`: add `only = \"live\"` or `only = \"sandbox\"`");
        }
    }

    /// The method call that limits the entry of a list; nothing where there is no limit.
    pub(super) fn render(&self, private: Private<'_>) -> Option<TokenStream> {
        let only = variant(self.only.as_ref()?);
        let otherwise = self.otherwise.as_ref().map_or_else(|| format_ident!("Refuse"), variant);
        Some(quote!(.only(#private::Environment::#only, #private::Otherwise::#otherwise)))
    }
}

/// `Live` for `"live"`.
fn variant(choice: &LitStr) -> Ident {
    let text = choice.value();
    Ident::new(&format!("{}{}", text[..1].to_ascii_uppercase(), &text[1..]), choice.span())
}
