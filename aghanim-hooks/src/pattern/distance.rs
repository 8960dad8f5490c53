//! The nearest name, for "did you mean …?".

/// Returns the name that `wanted` is most likely a misspelling of: at most two edits away, or three for long names.
pub(crate) const fn nearest<'a>(names: &[&'a str], wanted: &str) -> Option<&'a str> {
    let mut best = None;
    let mut best_edits = if wanted.len() > 8 { 4 } else { 3 };
    let mut i = 0;
    while i < names.len() {
        let edits = edits(names[i].as_bytes(), wanted.as_bytes());
        if edits < best_edits {
            best = Some(names[i]);
            best_edits = edits;
        }
        i += 1;
    }
    best
}

/// Levenshtein's distance in bytes. A name longer than 63 bytes is infinitely far from any other.
const fn edits(a: &[u8], b: &[u8]) -> usize {
    const MAX: usize = 64;
    if a.len() >= MAX || b.len() >= MAX {
        return usize::MAX;
    }
    let mut row = [0; MAX];
    let mut j = 0;
    while j <= b.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < a.len() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut j = 0;
        while j < b.len() {
            let replaced = if a[i] == b[j] { diagonal } else { diagonal + 1 };
            diagonal = row[j + 1];
            let shifted = 1 + if row[j] < row[j + 1] { row[j] } else { row[j + 1] };
            row[j + 1] = if replaced < shifted { replaced } else { shifted };
            j += 1;
        }
        i += 1;
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, distance) in
            [("", "", 0), ("abc", "abc", 0), ("kitten", "sitting", 3), ("", "abc", 3), ("ab", "", 2)]
        {
            assert_eq!(edits(a.as_bytes(), b.as_bytes()), distance, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_is_near() {
        let names = ["item.add", "item.remove"];
        assert_eq!(nearest(&names, "item.ad"), Some("item.add"));
        assert_eq!(nearest(&names, "itemremove"), Some("item.remove"));
        assert_eq!(nearest(&names, "order.paid"), None);
    }

    #[test]
    fn three_edits_are_near_for_names_of_more_than_eight_bytes() {
        assert_eq!(nearest(&["abcdefgh"], "xyzdefgh"), None, "eight bytes");
        assert_eq!(nearest(&["abcdefgh"], "xycdefgh"), Some("abcdefgh"));
        assert_eq!(nearest(&["abcdefghi"], "xyzdefghi"), Some("abcdefghi"), "nine bytes");
        assert_eq!(nearest(&["abcdefghij"], "wxyzefghij"), None);
        assert_eq!(nearest(&["abcdefghij"], "xyzdefghij"), Some("abcdefghij"));
    }

    #[test]
    fn of_two_names_as_near_the_first_is_suggested() {
        assert_eq!(nearest(&["item.a", "item.b"], "item.c"), Some("item.a"));
    }

    #[test]
    fn a_name_of_64_bytes_is_far_from_any_other() {
        let long = [b'a'; 64];
        assert_eq!(edits(&long[1..], b""), 63);
        assert_eq!(edits(&long, b""), usize::MAX);
        assert_eq!(edits(b"", &long), usize::MAX);
    }
}
