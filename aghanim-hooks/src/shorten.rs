use std::borrow::Cow;

/// The most characters of a sender's text that go into an answer or a log field.
const LONGEST: usize = 300;

/// The most characters of an error and its causes that go into a log field.
const LONGEST_CAUSE: usize = 2000;

/// Bounds a text of a sender's for an answer or a log. The rest is enough to find the mistake.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST)
}

/// Bounds the text of an error for a log. It may quote what a sender wrote.
pub(crate) fn shortened_cause(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST_CAUSE)
}

fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_cuts_between_characters() {
        assert_eq!(shortened("item.add"), "item.add");
        let long = "é".repeat(400_000);
        let short = shortened(&long);
        assert_eq!(short.chars().count(), LONGEST + 1);
        assert!(short.ends_with("é…"));
    }
}
