//! Checks the text of an event name or pattern: `order.paid`, `order.*`, `*`.

use syn::LitStr;

use crate::errors::Errors;

/// Names and families, in the order in which they were written.
pub(crate) type Patterns = Vec<LitStr>;

/// Reports every mistake in a list of patterns.
pub(crate) fn check(patterns: &Patterns, errors: &mut Errors) {
    for (i, pattern) in patterns.iter().enumerate() {
        let mistake = mistake(&pattern.value()).or_else(|| {
            let repeated = patterns[..i].iter().any(|earlier| earlier.value() == pattern.value());
            repeated.then(|| format!("`{}` is listed twice: remove one", pattern.value()))
        });
        if let Some(mistake) = mistake {
            errors.at(pattern, mistake);
        }
    }
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
