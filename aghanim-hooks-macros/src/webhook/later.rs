//! `later` and `later(attempts = 12, …)`: a worker calls the handler, after the event was acknowledged.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitInt, LitStr, Token, Type};

use crate::arguments::{given_twice, value};
use crate::errors::unknown_key;
use crate::krate::Private;
use crate::pattern::Pattern;
use crate::tokens::Extent;

const KEYS: &[&str] = &["attempts", "timeout", "queue", "latest_of", "without_refund"];

/// The `later` of an attribute, if it has one.
#[derive(Default)]
pub(super) struct Later {
    /// The place of the word.
    at: Option<Span>,
    attempts: Option<LitInt>,
    /// The timeout, in milliseconds.
    timeout: Option<u64>,
    queue: Option<LitStr>,
    latest_of: Option<LitStr>,
    without_refund: bool,
}

impl Later {
    /// Reads what follows the key. Returns false if the key is another one.
    pub(super) fn parse(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        if key != "later" {
            return Ok(false);
        }
        if self.at.replace(key.span()).is_some() {
            return Err(given_twice(key));
        }
        if input.peek(Token![=]) {
            return Err(input.error("`later` has no value: write `later`, or `later(attempts = 12)`"));
        }
        if input.peek(syn::token::Paren) {
            let options;
            syn::parenthesized!(options in input);
            while !options.is_empty() {
                self.option(&options)?;
                if !options.is_empty() {
                    options
                        .parse::<Token![,]>()
                        .map_err(|error| syn::Error::new(error.span(), "missing `,` before this"))?;
                }
            }
        }
        Ok(true)
    }

    fn option(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let at = input.span();
        let key =
            input.call(Ident::parse_any).map_err(|_| syn::Error::new(at, "write a key such as `attempts = 12`"))?;
        let twice = match key.to_string().as_str() {
            "attempts" => self.attempts.replace(attempts(input, &key)?).is_some(),
            "timeout" => self.timeout.replace(timeout(input, &key)?).is_some(),
            "queue" => self.queue.replace(queue(input, &key)?).is_some(),
            "latest_of" => self.latest_of.replace(path(input, &key)?).is_some(),
            "without_refund" => std::mem::replace(&mut self.without_refund, true),
            _ => return Err(unknown_key(&key, KEYS)),
        };
        if twice { Err(given_twice(&key)) } else { Ok(()) }
    }

    /// The method call that adds the settings to the entry. Empty if the attribute has no `later`.
    pub(super) fn render(&self, private: Private<'_>) -> Option<TokenStream> {
        self.at?;
        let attempts = self.attempts.as_ref().map(|attempts| quote!(.attempts(#attempts)));
        let timeout = self.timeout.map(|timeout| quote!(.timeout(::core::time::Duration::from_millis(#timeout))));
        let queue = self.queue.as_ref().map(|queue| quote!(.queue(#queue)));
        let latest_of = self.latest_of.as_ref().map(|path| quote!(.latest_of(#path)));
        Some(quote!(.later(#private::Policy::new() #attempts #timeout #queue #latest_of)))
    }

    /// The check that the events of a pattern can be handled later. `value` is an expression of the pattern's text.
    pub(super) fn check(
        &self,
        pattern: &Pattern,
        value: &TokenStream,
        event: &Type,
        private: Private<'_>,
    ) -> Option<TokenStream> {
        self.at?;
        let without_refund = self.without_refund;
        let codec = Extent::of(event).member(event, private, "EventArgument", "CODEC");
        Some(pattern.call(private, "check_later", &quote!(#value, #codec.kind(), #without_refund)))
    }

    /// The check of `latest_of`: that the handler takes a `Tx`, in which times are compared.
    pub(super) fn check_latest_of(&self, transaction: &TokenStream, private: Private<'_>) -> Option<TokenStream> {
        let span = self.latest_of.as_ref()?.span();
        let private = private.at(span);
        Some(quote_spanned!(span=> #private::check_latest_of(#transaction)))
    }

    /// The bound of a parameter before the event: that it needs no request.
    pub(super) fn bound(&self, ty: &Type, private: Private<'_>) -> Option<TokenStream> {
        self.at?;
        let Extent { first, last } = Extent::of(ty);
        let private = private.at(first);
        let bound = quote_spanned!(last=> #private::WithoutRequest);
        Some(quote!(#ty: #bound))
    }
}

fn attempts(input: ParseStream<'_>, key: &Ident) -> syn::Result<LitInt> {
    let attempts: LitInt = value(input, key, "12")?;
    match attempts.base10_parse::<u32>() {
        Ok(1..=1000) => Ok(attempts),
        _ => Err(syn::Error::new(attempts.span(), "write a number of attempts from 1 to 1000")),
    }
}

/// Returns milliseconds.
fn timeout(input: ParseStream<'_>, key: &Ident) -> syn::Result<u64> {
    let text: LitStr = value(input, key, "\"30s\"")?;
    let wrong =
        || syn::Error::new(text.span(), "write a time from 1ms to 24h, such as \"500ms\", \"30s\", \"5m\" or \"1h\"");
    let value = text.value();
    let unit = value.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = value.split_at(unit);
    let in_milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return Err(wrong()),
    };
    let milliseconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(in_milliseconds));
    milliseconds.filter(|time| (1..=24 * 60 * 60 * 1000).contains(time)).ok_or_else(wrong)
}

fn queue(input: ParseStream<'_>, key: &Ident) -> syn::Result<LitStr> {
    let queue: LitStr = value(input, key, "\"orders\"")?;
    let name = queue.value();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let doubled = ["__", "--", "_-", "-_"].iter().any(|pair| name.contains(pair));
    if name.len() <= 64 && name.chars().all(fits) && ends(name.chars().next()) && ends(name.chars().last()) && !doubled
    {
        return Ok(queue);
    }
    Err(syn::Error::new(
        queue.span(),
        "write a queue's name of at most 64 lowercase letters and digits, with single `_` or `-` between them",
    ))
}

fn path(input: ParseStream<'_>, key: &Ident) -> syn::Result<LitStr> {
    let path: LitStr = value(input, key, "\"data.id\"")?;
    let text = path.value();
    let fields = text.strip_prefix("data.").filter(|fields| !fields.split('.').any(str::is_empty));
    if fields.is_some() {
        return Ok(path);
    }
    Err(syn::Error::new(path.span(), "write a path into the event's data, such as \"data.id\" or \"data.user.id\""))
}
