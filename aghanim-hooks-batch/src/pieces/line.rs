//! One event per line.

use memchr::memchr;

use super::array::Scan;
use super::{Piece, Pieces};
use crate::shape::Form;

impl Pieces<'_> {
    /// Reads on in a line, up to its end at most.
    pub(super) fn step_line(&mut self) -> Option<Piece> {
        let filled = self.input.filled();
        // No event begins with a bracket, so this is an array of events.
        if self.length == 0 && filled.first() == Some(&b'[') && self.may_begin_an_array() {
            self.input.consume(1);
            self.scan = Some(Scan::default());
            if self.shape.form == Form::Lines {
                // The lines before it are not elements.
                (self.shape.form, self.shape.blank, self.number) = (Form::Array, 0, 0);
            }
            return None;
        }
        let Some(end) = memchr(b'\n', filled) else {
            self.take(filled.len());
            return None;
        };
        self.take(end);
        self.shape.crlf += u64::from(self.text.last() == Some(&b'\r'));
        self.input.consume(1);
        // A line break after an array is no blank line.
        self.cut(self.shape.form == Form::Lines)
    }

    /// True before the first event, and after an array.
    fn may_begin_an_array(&self) -> bool {
        self.shape.form == Form::Array || self.number == self.shape.blank
    }
}
