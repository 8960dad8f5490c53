//! The elements of a JSON array. They are told apart by brackets, strings and commas; what is in them is not checked here.

use memchr::memchr2;

use super::{Piece, Pieces};

/// The state inside an array, between two bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scan {
    /// The number of open brackets and braces in the current element.
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// The index of the comma or bracket that ends the current element.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.escaped {
                self.escaped = false;
            } else if self.in_string {
                at += memchr2(b'"', b'\\', &bytes[at..])?;
                if bytes[at] == b'"' {
                    self.in_string = false;
                } else {
                    self.escaped = true;
                }
            } else {
                match bytes[at] {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b',' | b']' if self.depth == 0 => return Some(at),
                    // A brace too many is the element's own mistake.
                    b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
            }
            at += 1;
        }
        None
    }
}

impl Pieces<'_> {
    /// Reads on in an element, up to its end at most.
    pub(super) fn step_array(&mut self) -> Option<Piece> {
        let filled = self.input.filled();
        let Some(end) = self.scan.as_mut().and_then(|scan| scan.end(filled)) else {
            self.take(filled.len());
            return None;
        };
        let closes = filled[end] == b']';
        self.take(end);
        self.input.consume(1);
        if closes {
            self.scan = None;
        }
        // A blank text before the bracket comes from an empty array, or a comma too many.
        self.cut(!closes)
    }
}
