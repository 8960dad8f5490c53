//! Text put together by the compiler, for the panics of `const fn`s.

/// Longer messages are cut; none of ours comes near.
const CAPACITY: usize = 1024;

pub(crate) struct Message {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl Message {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; CAPACITY], len: 0 }
    }

    pub(crate) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < CAPACITY {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// `` `a`, `b` and `c` ``
    pub(super) const fn list(mut self, names: &[&str]) -> Self {
        let mut i = 0;
        while i < names.len() {
            if i > 0 {
                self = self.text(if i + 1 == names.len() { " and " } else { ", " });
            }
            self = self.text("`").text(names[i]).text("`");
            i += 1;
        }
        self
    }

    pub(crate) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "an event name was cut in the middle of a character",
        }
    }
}

/// The name that `wanted` is most likely a misspelling of: at most two edits away, or three for long names.
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

/// Levenshtein's distance, bytewise; names longer than 63 bytes count as infinitely far.
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
    fn lists_read_as_prose() {
        assert_eq!(Message::new().list(&["a"]).as_str(), "`a`");
        assert_eq!(Message::new().list(&["a", "b", "c"]).as_str(), "`a`, `b` and `c`");
    }
}
