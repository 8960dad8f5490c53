//! Cuts a file into its events, in bounded memory.

mod array;
mod line;

use std::io;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncRead;

use crate::input::Input;
use crate::shape::{Form, Shape};
use array::Scan;

/// The text of one event, and its place in the file.
#[derive(Debug)]
pub(crate) struct Piece {
    /// The number of its line, or of the element in an array; from 1.
    pub(crate) number: u64,
    /// The offset of its beginning: bytes of the decompressed text, without byte order mark.
    pub(crate) offset: u64,
    pub(crate) content: Content,
    /// True if the file ended before the event did, as far as its separators show.
    pub(crate) is_last: bool,
    /// The place after it.
    pub(crate) end: Place,
}

#[derive(Debug)]
pub(crate) enum Content {
    Event(Bytes),
    /// Longer than the limit. The text was dropped; this is its length.
    TooLong(usize),
}

/// A place between two events of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) offset: u64,
    /// The checksum of the text before it.
    pub(crate) sum: u32,
    /// True between two elements of an array.
    pub(crate) in_array: bool,
    pub(crate) shape: Shape,
}

/// The events of a file, read one after the other.
pub(crate) struct Pieces<'a> {
    input: Input<'a>,
    /// The longest event, in bytes.
    limit: usize,
    shape: Shape,
    number: u64,
    /// The text of the current event, unless it is longer than the limit.
    text: Vec<u8>,
    /// Its length so far.
    length: usize,
    /// The offset of its beginning.
    began: u64,
    /// The state of the scan of an array. `None` outside of one: the text is read by lines there.
    scan: Option<Scan>,
}

impl<'a> Pieces<'a> {
    /// Opens a file, and finds out its form.
    pub(crate) async fn open(reader: impl AsyncRead + Send + 'a, limit: usize) -> io::Result<Self> {
        let (input, marks) = Input::open(reader).await?;
        let shape = Shape { gzip: marks.gzip, byte_order_mark: marks.byte_order_mark, ..Shape::default() };
        Ok(Self { input, limit, shape, number: 0, text: Vec::new(), length: 0, began: 0, scan: None })
    }

    /// Goes on at a place where an earlier run was. False if the text before it is not the same.
    pub(crate) async fn go_to(&mut self, place: &Place) -> io::Result<bool> {
        if !self.input.skip_to(place.offset).await? || self.input.sum() != place.sum {
            return Ok(false);
        }
        (self.number, self.shape) = (place.number, place.shape);
        self.scan = place.in_array.then(Scan::default);
        Ok(true)
    }

    /// The next event. `None` at the end. Nothing is lost if the future is dropped.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let in_array = self.scan.is_some();
            let filled = self.input.fill().await?;
            if filled.is_empty() {
                return Ok(self.last());
            }
            if self.length == 0 {
                let blank = filled.iter().take_while(|byte| is_blank(**byte, in_array)).count();
                self.input.consume(blank);
                self.began = self.input.offset();
                if self.input.filled().is_empty() {
                    continue;
                }
            }
            let cut = if self.scan.is_some() { self.step_array() } else { self.step_line() };
            if cut.is_some() {
                return Ok(cut);
            }
        }
    }

    /// True if the file ended inside an array.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.scan.is_some()
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// The place where the file is read.
    pub(crate) fn place(&self) -> Place {
        Place {
            number: self.number,
            offset: self.input.offset(),
            sum: self.input.sum(),
            in_array: self.scan.is_some(),
            shape: self.shape,
        }
    }

    /// The event that ends with the file.
    fn last(&mut self) -> Option<Piece> {
        if self.length == 0 {
            return None;
        }
        self.shape.unterminated = self.scan.is_none();
        let piece = self.cut(false)?;
        Some(Piece { is_last: true, ..piece })
    }

    /// Consumes bytes as a part of the current event.
    fn take(&mut self, bytes: usize) {
        self.length += bytes;
        if self.length <= self.limit {
            self.text.extend_from_slice(&self.input.filled()[..bytes]);
        } else {
            // The memory is given back, too.
            self.text = Vec::new();
        }
        self.input.consume(bytes);
    }

    /// Ends the current event. Returns `None` for a blank text, and counts it if `count_blank`.
    fn cut(&mut self, count_blank: bool) -> Option<Piece> {
        let text = Bytes::from(std::mem::take(&mut self.text));
        let length = std::mem::take(&mut self.length);
        let event = text.slice_ref(text.trim_ascii());
        let is_blank = length <= self.limit && event.is_empty();
        self.shape.blank += u64::from(is_blank && count_blank);
        self.number += u64::from(!is_blank || self.shape.form == Form::Lines);
        if is_blank {
            return None;
        }
        let content = if length > self.limit { Content::TooLong(length) } else { Content::Event(event) };
        Some(Piece { number: self.number, offset: self.began, content, is_last: false, end: self.place() })
    }
}

/// True for white space in front of an event. A line break ends a line, but not an element.
fn is_blank(byte: u8, in_array: bool) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r') || (in_array && byte == b'\n')
}
