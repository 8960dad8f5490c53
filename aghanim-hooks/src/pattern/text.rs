//! Text built at compile time, for the panics of `const fn`s.

/// The longest message, in bytes. The rest of a longer one is cut off.
const CAPACITY: usize = 1024;

/// A message that is built piece by piece.
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
    pub(crate) const fn list(mut self, names: &[&str]) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(Message::new().list(&["a"]).as_str(), "`a`");
        assert_eq!(Message::new().list(&["a", "b", "c"]).as_str(), "`a`, `b` and `c`");
    }

    #[test]
    fn a_long_message_is_cut_off() {
        let text = "a".repeat(CAPACITY - 1);
        assert_eq!(Message::new().text(&text).text("bcd").as_str(), text + "b");
    }
}
