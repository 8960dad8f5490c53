//! The check of a pattern that `#[webhook]` knows as a path only. The macro checks a text in quotes itself.

use super::{Message, contains};

/// Refuses, at compile time, a pattern that is malformed or is listed a second time.
///
/// # Panics
/// Panics if `patterns[index]` is such a pattern.
#[must_use]
#[track_caller]
pub const fn check_pattern(patterns: &[&str], index: usize) -> bool {
    let pattern = patterns[index];
    if !is_pattern(pattern) {
        let message =
            Message::new().text("`").text(pattern).text("` is not an event name: use words in lower case, joined by ");
        panic!("{}", message.text("single dots, such as `order.paid`, a family such as `order.*`, or `*`").as_str());
    }
    let message = Message::new().text("`").text(pattern).text("` is listed twice: remove one");
    assert!(!contains(patterns.split_at(index).0, pattern), "{}", message.as_str());
    true
}

/// True for words of `a`-`z`, `0`-`9`, `_` and `-` that are joined by single dots. The last word can be `*`.
pub(crate) const fn is_pattern(pattern: &str) -> bool {
    let text = pattern.as_bytes();
    let mut i = 0;
    let mut word = 0;
    while i < text.len() {
        match text[i] {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => word += 1,
            b'.' if word > 0 => word = 0,
            b'*' if word == 0 && i + 1 == text.len() => word = 1,
            _ => return false,
        }
        i += 1;
    }
    word > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    // The same names as in the test of the macro's own check.
    #[test]
    fn patterns() {
        for good in ["*", "order.*", "order.paid", "analytics.checkout.payment_method.select", "a", "a.*", "x-1.y_2"] {
            assert!(is_pattern(good), "{good}");
        }
        for bad in [
            "",
            "order*",
            "order.*.paid",
            "*.paid",
            "**",
            "order. paid",
            "Order.Paid",
            "order..paid",
            ".*",
            "order.",
            "ordér.paid",
        ] {
            assert!(!is_pattern(bad), "{bad}");
        }
    }

    #[test]
    #[should_panic(expected = "`b` is listed twice")]
    fn a_second_time() {
        assert!(check_pattern(&["a", "b", "b"], 1));
        let _ = check_pattern(&["a", "b", "b"], 2);
    }

    #[test]
    #[should_panic(expected = "`Order.Paid` is not an event name")]
    fn a_malformed_name() {
        let _ = check_pattern(&["Order.Paid"], 0);
    }
}
