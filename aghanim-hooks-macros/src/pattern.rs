//! Checks the text of an event name or pattern: `order.paid`, `order.*`, `*`. A well-formed name that is misspelt is found by the
//! runtime, in `handler/event_name.rs`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{LitStr, Path};

use crate::errors::Errors;
use crate::krate::Private;
use crate::tokens::Extent;

/// A name or a family.
pub(crate) enum Pattern {
    /// `"item.add"`
    Text(LitStr),
    /// The path of a `const` of type `&str`, such as `name::ITEM_ADD`.
    Path(Path),
}

/// Names and families, in the order in which they were written.
pub(crate) type Patterns = Vec<Pattern>;

impl Pattern {
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.value()),
            Self::Path(_) => None,
        }
    }

    /// A call of a `const fn` about this pattern, whose panic the compiler reports at the pattern.
    pub(crate) fn call(&self, private: Private<'_>, function: &str, arguments: &TokenStream) -> TokenStream {
        let Extent { first, last } = Extent::of(self);
        let private = private.at(first);
        let function = syn::Ident::new(function, first);
        let arguments = quote_spanned!(last=> (#arguments));
        quote_spanned!(first=> #private::#function #arguments)
    }
}

impl ToTokens for Pattern {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Path(path) => path.to_tokens(tokens),
        }
    }
}

/// Reports every mistake in the patterns that are written as text.
pub(crate) fn check(patterns: &Patterns, errors: &mut Errors) {
    for (i, pattern) in patterns.iter().enumerate() {
        let Some(text) = pattern.text() else { continue };
        let mistake = mistake(&text).or_else(|| {
            let repeated = patterns[..i].iter().any(|earlier| earlier.text().as_deref() == Some(text.as_str()));
            repeated.then(|| format!("`{text}` is listed twice: remove one"))
        });
        if let Some(mistake) = mistake {
            errors.at(pattern, mistake);
        }
    }
}

/// The same checks for patterns that are paths, as constants of type `bool` for the compiler to evaluate. `values` is an
/// expression of the type `&[&str]` that has all patterns.
pub(crate) fn checks<'a>(
    patterns: &'a Patterns,
    values: &'a TokenStream,
    private: Private<'a>,
) -> impl Iterator<Item = TokenStream> + 'a {
    let first_path = patterns.iter().position(|pattern| matches!(pattern, Pattern::Path(_)));
    let from = first_path.unwrap_or(patterns.len());
    // A text behind a path can repeat it.
    (from..patterns.len()).map(move |i| patterns[i].call(private, "check_pattern", &quote!(#values, #i)))
}

fn mistake(pattern: &str) -> Option<String> {
    if pattern.is_empty() {
        return Some(
            "the event name is empty: write a name such as `\"item.add\"`, or `\"*\"` for every event".to_owned(),
        );
    }
    if pattern == "*" {
        return None;
    }
    let name = pattern.strip_suffix(".*").unwrap_or(pattern);
    if let Some(star) = name.find('*') {
        let family = name[..star].trim_end_matches('.');
        return Some(if family.is_empty() {
            format!("`{pattern}` is not a pattern: write `*` alone, or at the end of a family such as `order.*`")
        } else {
            format!("`{pattern}` is not a pattern: did you mean `{family}.*`?")
        });
    }
    if name.contains(char::is_whitespace) {
        let without: String = pattern.split_whitespace().collect();
        return Some(format!("an event name has no spaces: did you mean `{without}`?"));
    }
    if name.contains(|c: char| c.is_ascii_uppercase()) {
        return Some(format!("event names are lower case: did you mean `{}`?", pattern.to_ascii_lowercase()));
    }
    let letters = |segment: &str| {
        !segment.is_empty()
            && segment.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
    };
    if !name.split('.').all(letters) {
        return Some(format!(
            "`{pattern}` is not an event name: write words joined by single dots, such as `order.paid`"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn patterns() {
        for good in ["*", "order.*", "order.paid", "analytics.checkout.payment_method.select", "a", "a.*", "x-1.y_2"] {
            assert_eq!(mistake(good), None, "{good}");
        }
        for (bad, help) in [
            ("", "\"*\""),
            ("order*", "`order.*`"),
            ("order.*.paid", "`order.*`"),
            ("*.paid", "at the end of a family"),
            ("**", "at the end of a family"),
            ("order. paid", "`order.paid`"),
            ("Order.Paid", "`order.paid`"),
            ("order..paid", "single dots"),
            (".*", "single dots"),
            ("order.", "single dots"),
            ("ordér.paid", "single dots"),
        ] {
            let message = mistake(bad).unwrap();
            assert!(message.contains(help), "{bad}: {message}");
        }
    }
}
